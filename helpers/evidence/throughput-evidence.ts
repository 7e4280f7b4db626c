import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { deploymentSchema } from '../deployment/deployment.ts';
import { loadSchema, roles } from '../rows/load.ts';
import { serverSchema } from './evidence.ts';
import { blockSchema, measurementSchema } from './throughput-block.ts';

const count = z.int().min(0);

const loadedServer = serverSchema.extend({
  cpus: z
    .number()
    .optional()
    .describe('CPUs’ worth of time that the engine gives it, by the engine’s word; missing: all there are'),
});
/** What a server is, as it was found. */
export type LoadedDeploymentFacts = Frozen<z.infer<typeof loadedServer>>;

export const throughputEvidenceSchema = z.strictObject({
  baseline: deploymentSchema,
  candidate: deploymentSchema,
  load: loadSchema,
  seed: count.describe('of the order in which each block loads its servers'),
  servers: z.record(z.enum(roles), loadedServer),
  warmUp: z
    .partialRecord(z.enum(roles), z.array(measurementSchema))
    .describe('runs of ab until the rate was steady; a server whose turn never came has none'),
  blocks: z.array(blockSchema),
  notAllowed: z.array(z.string()).describe('lines at error level, and tracebacks, that nobody declared'),
  timings: z.record(z.string(), z.number().describe('milliseconds')).describe('of each step'),
});
/** What was observed of two deployments under the same load. Plain data. */
export type ThroughputEvidence = Frozen<z.infer<typeof throughputEvidenceSchema>>;

/** Requests of a run of ab that warms a server. */
export function warmUpRequests({ load }: Pick<ThroughputEvidence, 'load'>): number {
  return Math.ceil(load.requests / 2);
}
