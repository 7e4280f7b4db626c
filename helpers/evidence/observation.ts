import type { Application } from '../applications/application.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { Traffic } from '../rows/traffic.ts';
import type { Evidence, ServerFacts } from './evidence.ts';
import type { ProcessReport } from './process-report.ts';
import type { RequestRecord } from './request-record.ts';
import type { ThreadStack } from './stacks.ts';

/** A log as it was read, with the proof that the reader saw all of it. */
export interface LogReading {
  readonly lines: readonly string[];
  /** The index of the line that the suite had written last; undefined: the reader never saw it. */
  readonly endMark?: number | undefined;
  /** The reader's error message, if there was one. */
  readonly complaint?: string | undefined;
}

/** A log to which each process writes a marker before the first AMQP request, and after the window. */
export interface MarkedLog extends Pick<LogReading, 'lines' | 'complaint'> {
  readonly before: Markers;
  readonly after: Markers;
}

/** The markers of one round that were found in a log. */
export interface Markers {
  /** Processes whose marker was found. */
  readonly pids: readonly number[];
  /** The indices of the first and the last marker; undefined: there is none. */
  readonly first?: number | undefined;
  readonly last?: number | undefined;
}

/** Everything that was seen of one deployment under one traffic, before anything is concluded. */
export interface Observation {
  readonly deployment: Deployment;
  readonly traffic: Traffic;
  readonly application: Application;
  /** The deployment's user at the broker. */
  readonly user: string;
  readonly server: ServerFacts;
  /** The reports of the processes that answered after the window. */
  readonly processesAfter?: readonly ProcessReport[];
  readonly applicationLog: MarkedLog;
  readonly serverErrorLog: MarkedLog;
  readonly brokerLog: LogReading;
  /** tshark's output about the packets at the broker, of all deployments. */
  readonly capture: LogReading;
  /** When the window ended, in milliseconds since the epoch, by the broker's clock. */
  readonly endedAt: number;
  /** The containers' clock, which all times here use, compared with this machine's. */
  readonly clock?: Evidence['clock'];
  /** The frames of the native threads. Read only if a request was not answered. */
  readonly stacks: readonly ThreadStack[];
  readonly requests: readonly RequestRecord[];
  /** How many messages of each request arrived, by its id. */
  readonly arrived: ReadonlyMap<string, number>;
  readonly messageSink: Evidence['messageSink'];
  /** After a clean window: what the same instruments saw once the traffic had stopped. */
  readonly afterClean?: Evidence['afterClean'];
  /** The duration of each step of the cell, in milliseconds. */
  readonly timings: Readonly<Record<string, number>>;
}
