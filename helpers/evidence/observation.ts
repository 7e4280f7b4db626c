import type { Application } from '../applications/application.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { Traffic } from '../rows/traffic.ts';
import type { Evidence, ServerFacts } from './evidence.ts';
import type { ProcessReport } from './process-report.ts';
import type { RequestRecord } from './request-record.ts';
import type { ThreadStack } from './stacks.ts';

/** A log as it was read, and whether the reader has proven that it saw all of it. */
export interface LogReading {
  readonly lines: readonly string[];
  /** The index of the line that was written last, on purpose; undefined if the reader never saw it. */
  readonly endMarker?: number | undefined;
  /** What the reader complained about, if anything. */
  readonly complaint?: string | undefined;
}

/** A log in which each process left a marker of its own before the first AMQP request, and after the window. */
export interface MarkedLog extends Pick<LogReading, 'lines' | 'complaint'> {
  readonly before: Markers;
  readonly after: Markers;
}

/** The markers of one round that were found in a log. */
export interface Markers {
  /** Processes whose marker was found. */
  readonly pids: readonly number[];
  /** The indices of the first and the last of these lines; undefined: there is none. */
  readonly first?: number | undefined;
  readonly last?: number | undefined;
}

/** Everything seen of one deployment under one traffic, before anything is concluded. */
export interface Observation {
  readonly deployment: Deployment;
  readonly traffic: Traffic;
  readonly application: Application;
  /** The deployment's user at the broker. */
  readonly user: string;
  readonly server: ServerFacts;
  /** What each process said that answered after the window. */
  readonly processesAfter?: readonly ProcessReport[];
  readonly applicationLog: MarkedLog;
  readonly serverErrorLog: MarkedLog;
  readonly brokerLog: LogReading;
  /** What tshark printed of the packets at the broker, of all deployments. */
  readonly capture: LogReading;
  /** When the window ended, milliseconds since the epoch, by the broker's clock. */
  readonly endedAt: number;
  /** What this process knew of the containers' clock, by which all times here are. */
  readonly clock?: Evidence['clock'];
  /** Where the native threads stood, by process; asked for where a request was not answered. */
  readonly stacks: readonly ThreadStack[];
  readonly requests: readonly RequestRecord[];
  /** How many messages arrived of each request, by its id. */
  readonly arrived: ReadonlyMap<string, number>;
  readonly messageSink: Evidence['messageSink'];
  /** Set where the window ended clean: what the same reader of the broker's log saw after the traffic had stopped. */
  readonly afterClean?: Evidence['afterClean'];
  /** Milliseconds that each step of the cell took. */
  readonly timings: Readonly<Record<string, number>>;
}
