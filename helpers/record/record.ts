import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { wholeNumber } from '../config/quantities.ts';
import { deploymentSchema } from '../deployment/deployment.ts';
import { evidenceSchema } from '../evidence/evidence.ts';
import { faultFactsSchema } from '../evidence/fault-facts.ts';
import { throughputEvidenceSchema } from '../evidence/throughput-evidence.ts';
import { expectationSchema } from '../rows/expectation.ts';
import { faultNames } from '../rows/fault-name.ts';
import { loadSchema } from '../rows/load.ts';
import { termsSchema } from '../rows/throughput-terms.ts';
import { trafficSchema } from '../rows/traffic.ts';
import { connectionCountsSchema } from '../verdict/connection-counts.ts';
import { verdictSchema } from '../verdict/verdict.ts';
import { figuresSchema } from './figures.ts';

// Plain data: tests hand it to the reporters in `task.meta`, and results.json has it.

const earlier = z
  .strictObject({
    verdict: verdictSchema,
    findings: z.array(z.string()).describe('what contradicted the row, whatever the verdict'),
  })
  .describe('an execution that could not be judged');

const row = z.strictObject({
  kind: z.literal('row'),
  id: z.string().describe('stable; everything refers to the row by it'),
  repetition: z
    .strictObject({ of: z.string().describe('the id of the row'), number: z.int().min(1) })
    .optional()
    .describe('which of several executions of the row this is'),
  deployment: deploymentSchema,
  layout: z.string().optional().describe('the tools, with their series, that deploy a service so'),
  traffic: trafficSchema.optional().describe('missing: ab loaded the deployment, in turn with its baseline'),
  fault: z.enum(faultNames).optional().describe('what was broken in the middle of the traffic'),
  comparison: z
    .strictObject({ baseline: deploymentSchema, load: loadSchema, terms: termsSchema })
    .optional()
    .describe('what its throughput was compared with, under which load'),
  expect: expectationSchema,
  why: z.string(),
  source: z.string().optional(),
  verdict: verdictSchema,
  violations: z
    .array(z.string())
    .describe('what contradicts the row, in any execution; none: it is as expected'),
  betterThanExpected: z
    .literal(true)
    .optional()
    .describe(
      'the row expects lost connections or other harm, and there was none; `violations` lists nothing else',
    ),
  evidence: evidenceSchema
    .optional()
    .describe('missing: it could not be executed, or was compared, or the file has its figures alone'),
  faultFacts: faultFactsSchema.optional().describe('of a row with a fault, beside its evidence'),
  figures: figuresSchema.optional().describe('in place of the evidence, where a file is kept for long'),
  throughput: throughputEvidenceSchema.optional().describe('of a row that was compared'),
  earlier: z.array(earlier).describe('executions before this one'),
});
/** A row, executed and judged. */
export type RowRecord = Frozen<z.infer<typeof row>>;

/** A row under traffic, with or without a fault. */
export type TrafficRecord = RowRecord & { readonly traffic: NonNullable<RowRecord['traffic']> };
/** A row under traffic without a fault. */
export type HeartbeatRecord = TrafficRecord & { readonly fault?: undefined };
/** A row with a fault. */
export type FaultRecord = TrafficRecord & { readonly fault: NonNullable<RowRecord['fault']> };
/** A row whose throughput was compared. */
export type ThroughputRecord = RowRecord & { readonly comparison: NonNullable<RowRecord['comparison']> };

const connections = connectionCountsSchema.extend({
  kind: z.literal('connections'),
  deployment: deploymentSchema,
});
/** AMQP connections of a deployment whose heartbeat is so long that none is dropped. */
export type ConnectionsRecord = Frozen<z.infer<typeof connections>>;

const singleAb = z.strictObject({
  kind: z.literal('single ab'),
  deployment: deploymentSchema,
  command: z.string(),
  requestsPerSecond: z.number(),
  completeRequests: wholeNumber,
  failedRequests: wholeNumber,
  non2xxResponses: wholeNumber,
});
/** One run of ApacheBench, as the article has one for each MPM. It decides nothing. */
export type SingleAbRecord = Frozen<z.infer<typeof singleAb>>;

export const cellSchema = z.discriminatedUnion('kind', [row, connections, singleAb]);
/** What a test observed and concluded. */
export type CellRecord = RowRecord | ConnectionsRecord | SingleAbRecord;

/** Whether a cell is a row. */
export function isRow(cell: CellRecord): cell is RowRecord {
  return cell.kind === 'row';
}

/** Whether a cell is a row under traffic without a fault. */
export function isHeartbeat(cell: CellRecord): cell is HeartbeatRecord {
  return isRow(cell) && cell.traffic !== undefined && cell.fault === undefined;
}

/** Whether a cell is a row with a fault. */
export function isFault(cell: CellRecord): cell is FaultRecord {
  return isRow(cell) && cell.fault !== undefined;
}

/** Whether a cell is a row whose throughput was compared. */
export function isThroughput(cell: CellRecord): cell is ThroughputRecord {
  return isRow(cell) && cell.comparison !== undefined;
}

/** Whether a cell counts AMQP connections. */
export function isConnections(cell: CellRecord): cell is ConnectionsRecord {
  return cell.kind === 'connections';
}

/** Whether a cell is a single run of ApacheBench. */
export function isSingleAb(cell: CellRecord): cell is SingleAbRecord {
  return cell.kind === 'single ab';
}
