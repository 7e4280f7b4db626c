import type { Deployment } from '../config/deployment.ts';
import type { Scenario } from '../config/scenario.ts';
import type { Connections } from '../evidence/connections.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { SingleAb } from '../evidence/single-ab.ts';
import type { HeartbeatVerdict } from './heartbeat.ts';

/** A cell of the heartbeat table, played and judged. Plain data, as reports and claims need it. */
export interface HeartbeatRecord {
  readonly kind: 'heartbeat';
  readonly deployment: Deployment;
  readonly scenario: Scenario;
  /** The verdict that the test expects, and why. */
  readonly expected: Exclude<HeartbeatVerdict['kind'], 'inconclusive'>;
  readonly why: string;
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
export interface SingleAbRecord extends SingleAb {
  readonly kind: 'single ab';
  readonly deployment: Deployment;
  readonly command: string;
}

/** What travels from a test to the reporters in `task.meta`. */
export type CellRecord = HeartbeatRecord | ConnectionsRecord | SingleAbRecord;
