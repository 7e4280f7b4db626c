import { z } from 'zod';
import { disturbanceNames } from '../config/disturbance.ts';
import type { Frozen } from '../config/frozen.ts';
import { scenarioSchema } from '../config/scenario.ts';
import { comparisonSchema } from '../deployment/comparison.ts';
import { deploymentSchema } from '../deployment/deployment.ts';
import { disturbanceFactsSchema } from '../evidence/disturbance-facts.ts';
import { evidenceSchema } from '../evidence/evidence.ts';
import { throughputEvidenceSchema } from '../evidence/throughput-evidence.ts';
import { connectionCountsSchema } from './connections.ts';
import { disturbanceVerdictSchema } from './disturbance.ts';
import { disturbanceExpectationSchema } from './disturbance-row.ts';
import { heartbeatVerdictSchema } from './heartbeat.ts';
import { expectationSchema } from './row.ts';
import { throughputVerdictSchema } from './throughput.ts';
import { termsSchema } from './throughput-terms.ts';

// What travels from a test to the reporters in `task.meta`, and stands in results.json: plain data.

const count = z.int().min(0);

const earlierFindings = z
  .array(z.string())
  .optional()
  .describe('what spoke against the row in the first execution, whatever its verdict; missing: nothing');

const heartbeat = z.strictObject({
  kind: z.literal('heartbeat'),
  deployment: deploymentSchema,
  scenario: scenarioSchema,
  expected: expectationSchema,
  layout: z.string().optional().describe('the tools, with their series, that deploy a service so'),
  why: z.string(),
  source: z.string().optional(),
  verdict: heartbeatVerdictSchema,
  evidence: evidenceSchema.optional().describe('missing: it could not be played'),
  earlier: z.array(heartbeatVerdictSchema).describe('of the first try, where it was inconclusive'),
  earlierFindings,
});
/** A row of the truth table, played and judged. */
export type HeartbeatRecord = Frozen<z.infer<typeof heartbeat>>;

const disturbance = z.strictObject({
  kind: z.literal('disturbance'),
  disturbance: z.enum(disturbanceNames),
  deployment: deploymentSchema,
  scenario: scenarioSchema,
  expected: disturbanceExpectationSchema,
  why: z.string(),
  source: z.string().optional(),
  verdict: disturbanceVerdictSchema,
  evidence: evidenceSchema.optional().describe('missing: it could not be played'),
  facts: disturbanceFactsSchema.optional().describe('of the disturbance; missing: it could not be played'),
  earlier: z.array(disturbanceVerdictSchema).describe('of the first try, where it was inconclusive'),
  earlierFindings,
});
/** A deployment that was disturbed in the middle of its traffic, played and judged. */
export type DisturbanceRecord = Frozen<z.infer<typeof disturbance>>;

const connections = connectionCountsSchema.extend({
  kind: z.literal('connections'),
  deployment: deploymentSchema,
});
/** AMQP connections of a deployment whose heartbeat is long enough that none is dropped. */
export type ConnectionsRecord = Frozen<z.infer<typeof connections>>;

const singleAb = z.strictObject({
  kind: z.literal('single ab'),
  deployment: deploymentSchema,
  command: z.string(),
  requestsPerSecond: z.number(),
  completeRequests: count,
  failedRequests: count,
  non2xxResponses: count,
});
/** One run of ApacheBench, as the article has one for each MPM. For the record: it decides nothing. */
export type SingleAbRecord = Frozen<z.infer<typeof singleAb>>;

const throughput = comparisonSchema.extend({
  kind: z.literal('throughput'),
  terms: termsSchema,
  expected: z
    .enum(['within', 'outside', 'inconclusive'])
    .optional()
    .describe('missing: the verdict is reported, and none is asserted'),
  why: z.string(),
  verdict: throughputVerdictSchema,
  evidence: throughputEvidenceSchema.optional().describe('missing: it could not be measured'),
});
/** A row of the throughput table, measured and judged. */
export type ThroughputRecord = Frozen<z.infer<typeof throughput>>;

export const cellSchema = z.discriminatedUnion('kind', [
  heartbeat,
  disturbance,
  connections,
  singleAb,
  throughput,
]);
export type CellRecord =
  | HeartbeatRecord
  | DisturbanceRecord
  | ConnectionsRecord
  | SingleAbRecord
  | ThroughputRecord;

/** Tells records of one kind from the others. */
export function isKind<K extends CellRecord['kind']>(kind: K) {
  return (record: CellRecord): record is Extract<CellRecord, { kind: K }> => record.kind === kind;
}
