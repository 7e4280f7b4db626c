import type { Deployment } from '../config/deployment.ts';
import type { Scenario } from '../config/scenario.ts';
import type { Evidence } from '../evidence/evidence.ts';
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

/** AMQP connections of a deployment, while the broker drops none. */
export interface ConnectionsRecord {
  readonly kind: 'connections';
  readonly deployment: Deployment;
  /** Established, as `ss` counts them in the container. */
  readonly established: number;
  /** As the broker lists them. */
  readonly listed: number;
  /** Opened, by the broker's log. */
  readonly opened: number;
}

/** One run of ApacheBench, as the article has one for each MPM. For the record: it decides nothing. */
export interface SingleAbRecord {
  readonly kind: 'single ab';
  readonly deployment: Deployment;
  readonly command: string;
  readonly requestsPerSecond: number;
  readonly completeRequests: number;
  readonly failedRequests: number;
  readonly non2xxResponses: number;
}

/** What travels from a test to the reporters in `task.meta`. */
export type CellRecord = HeartbeatRecord | ConnectionsRecord | SingleAbRecord;
