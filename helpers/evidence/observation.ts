import type { Application } from '../config/application.ts';
import type { Deployment } from '../config/deployment.ts';
import type { Scenario } from '../config/scenario.ts';
import type { RequestRecord } from '../traffic/requests.ts';
import type { ThreadStack } from './stacks.ts';

/** What a process of the application says of itself. */
export interface ProcessReport {
  readonly pid: number;
  /** `mod_wsgi` or `uwsgi`. */
  readonly server: string | null;
  readonly mpm: string | null;
  readonly processes: number | null;
  readonly threads: number | null;
  readonly patched: boolean;
  readonly versions: Readonly<Record<string, string | null>>;
}

/** A log as it was read, and whether the reader has proven that it saw all of it. */
export interface LogReading {
  readonly lines: readonly string[];
  /** The index of the line that was written last, on purpose; undefined if the reader never saw it. */
  readonly endMark?: number | undefined;
  /** What the reader complained about, if anything. */
  readonly complaint?: string;
}

/** What the same instruments saw after a clean window, when the traffic had stopped. */
export interface AfterClean {
  /** Whether the broker's log showed the drop that had to come. */
  readonly dropSeen: boolean;
  /** Milliseconds until then. */
  readonly waitedMs: number;
  /** Whether the connection outlived the broker's patience without traffic; then the container was paused. */
  readonly livedWithoutTraffic: boolean;
}

/** Everything seen of one deployment under one scenario, before anything is concluded. */
export interface Observation {
  readonly deployment: Deployment;
  readonly scenario: Scenario;
  readonly application: Application;
  /** The deployment's user at the broker. */
  readonly user: string;
  /** MPM modules that `apachectl -M` lists in the container; none for another server than httpd. */
  readonly loadedMpms: readonly string[];
  /** The report of a process, or undefined where the application did not give one. */
  readonly report?: ProcessReport | undefined;
  readonly applicationLog: LogReading & {
    /** As `endMark`, for the mark that was left before the first AMQP request. */
    readonly beforeMark?: number | undefined;
  };
  readonly brokerLog: LogReading;
  /** What tshark printed of the packets at the broker, of all deployments. */
  readonly capture: LogReading;
  /** The server's error log; undefined if it could not be read. */
  readonly serverErrorLog?: string | undefined;
  /** When the window ended, milliseconds since the epoch, by the broker's clock. */
  readonly endedAt: number;
  /** Where the native threads stood, by process; asked for where a request was not answered. */
  readonly stacks?: readonly ThreadStack[];
  /** Process ids that answered while the deployment was warmed up. */
  readonly pids: readonly number[];
  readonly requests: readonly RequestRecord[];
  /** Messages that arrived, by request id. */
  readonly arrived: ReadonlyMap<string, number>;
  /** Why the conductor and the broker lost each other, if they did. */
  readonly conductorLost?: string | undefined;
  /** Set where the window ended clean: what the same reader of the broker's log saw after the traffic had stopped. */
  readonly afterClean?: AfterClean;
  readonly connections: {
    /** Established, as `ss` counts them in the container. */
    readonly established: number;
    /** As the broker lists them. */
    readonly listed: number;
  };
  /** Milliseconds that each step of the cell took. */
  readonly timings: Readonly<Record<string, number>>;
}
