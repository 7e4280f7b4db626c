import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { milliseconds, wholeNumber } from '../config/quantities.ts';
import { deploymentSchema } from '../deployment/deployment.ts';
import { loadSchema, roles } from '../rows/load.ts';
import { serverSchema } from './evidence.ts';
import { blockSchema, measurementSchema } from './throughput-block.ts';

const loadedServer = serverSchema.extend({
  cpus: z.number().optional().describe('the CPU quota that the engine reports; missing: no limit'),
});
/** A server under load, as it was found. */
export type LoadedDeploymentFacts = Frozen<z.infer<typeof loadedServer>>;

export const throughputEvidenceSchema = z.strictObject({
  baseline: deploymentSchema,
  candidate: deploymentSchema,
  load: loadSchema,
  seed: wholeNumber.describe('determines the order in which each block loads its servers'),
  servers: z.record(z.enum(roles), loadedServer),
  warmUp: z
    .partialRecord(z.enum(roles), z.array(measurementSchema))
    .describe('runs of ab until the rate was steady; missing: the warm-up ended at a server before'),
  blocks: z.array(blockSchema),
  notAllowed: z.array(z.string()).describe('lines at error level, and tracebacks, that are not allowed'),
  timings: z.record(z.string(), milliseconds).describe('of each step'),
});
/** Facts about two deployments under the same load, as plain data. */
export type ThroughputEvidence = Frozen<z.infer<typeof throughputEvidenceSchema>>;

/** The number of requests in a run of ab that warms a server. */
export function warmUpRequests({ load }: Pick<ThroughputEvidence, 'load'>): number {
  return Math.ceil(load.requests / 2);
}
