import type { Deployment } from '../config/deployment.ts';
import type { Comparison } from '../config/load.ts';
import type { Scenario } from '../config/scenario.ts';
import type { AbFinished } from '../evidence/ab-result.ts';
import type { Connections } from '../evidence/connections.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { ThroughputEvidence } from '../evidence/throughput-evidence.ts';
import type { HeartbeatKind, HeartbeatVerdict } from './heartbeat.ts';
import type { ThroughputVerdict } from './throughput.ts';
import type { ThroughputTerms } from './throughput-plan.ts';

/**
 * What must become of the requests of a cell.
 * - `all answered`: each with 200.
 * - `some lost`: one at least is never answered, or in vain.
 * - `reported`: either; it is a matter of luck, and the figure is shown.
 */
export const requestExpectations = ['all answered', 'some lost', 'reported'] as const;
export type RequestExpectation = (typeof requestExpectations)[number];

/** A cell of the heartbeat table, played and judged. Plain data, as reports and claims need it. */
export interface HeartbeatRecord {
  readonly kind: 'heartbeat';
  readonly deployment: Deployment;
  readonly scenario: Scenario;
  /** The verdicts that the test accepts: one, or more where it is a matter of luck. */
  readonly expected: readonly HeartbeatKind[];
  readonly requestsExpected: RequestExpectation;
  /** Why, in one sentence. */
  readonly why: string;
  /** What says so: a measurement, or a line of somebody's documentation. */
  readonly source?: string | undefined;
  readonly verdict: HeartbeatVerdict;
  /** Undefined where the cell could not be played. */
  readonly evidence?: Evidence | undefined;
  /** Verdicts of earlier tries; only an inconclusive one is tried again, once, alone. */
  readonly earlier: readonly HeartbeatVerdict[];
}

/** AMQP connections of a deployment whose heartbeat is long enough that none is dropped. */
export interface ConnectionsRecord extends Connections {
  readonly kind: 'connections';
  readonly deployment: Deployment;
}

/** One run of ApacheBench, as the article has one for each MPM. For the record: it decides nothing. */
export interface SingleAbRecord
  extends Pick<AbFinished, 'requestsPerSecond' | 'completeRequests' | 'failedRequests' | 'non2xxResponses'> {
  readonly kind: 'single ab';
  readonly deployment: Deployment;
  readonly command: string;
}

/** A row of the throughput table, measured and judged. */
export interface ThroughputRecord extends Comparison {
  readonly kind: 'throughput';
  readonly terms: ThroughputTerms;
  /** Undefined: the verdict is reported, and none is asserted. */
  readonly expected?: ThroughputVerdict['kind'] | undefined;
  readonly why: string;
  readonly verdict: ThroughputVerdict;
  /** Undefined where the comparison could not be measured. */
  readonly evidence?: ThroughputEvidence | undefined;
}

/** What travels from a test to the reporters in `task.meta`. */
export type CellRecord = HeartbeatRecord | ConnectionsRecord | SingleAbRecord | ThroughputRecord;

/** Tells records of one kind from the others. */
export function isKind<K extends CellRecord['kind']>(kind: K) {
  return (record: CellRecord): record is Extract<CellRecord, { kind: K }> => record.kind === kind;
}
