import { brokerPatience } from '../config/scenario.ts';
import type { RequestRecord } from '../traffic/requests.ts';
import {
  countCrossThreadErrors,
  heartbeatErrors,
  type LogEntry,
  parseApplicationLog,
  undeclaredEntries,
  undeclaredServerErrors,
  unreachableLines,
} from './application-log.ts';
import { type BrokerConnection, parseBrokerLog, pidOfConnection } from './broker-log.ts';
import { type AmqpConnection, connectionFacts } from './connection-facts.ts';
import { parseCapture } from './frames.ts';
import type { AfterClean, Observation, ProcessReport } from './observation.ts';
import type { ThreadStack } from './stacks.ts';

/** A heartbeat error and the connection that the broker says it had dropped. */
export interface MatchedError {
  readonly line: string;
  readonly pid: number;
  /** Milliseconds since the epoch, by the clock of the containers' machine. */
  readonly at: number;
  /** The dropped connection’s name, the time of the drop and the broker's lines; undefined: no drop matches. */
  readonly drop?: { readonly connection: string; readonly at: number; readonly lines: readonly string[] };
}

/** A drop: a connection that the broker closed for missed heartbeats. */
export interface Drop {
  readonly connection: string;
  readonly pid: number | undefined;
  /** Milliseconds since the epoch, by the broker's clock. */
  readonly at: number;
  readonly lines: readonly string[];
}

/** A line of the application's log. */
export interface LoggedLine {
  readonly line: string;
  readonly pid: number;
  /** Milliseconds since the epoch, by the clock of the containers' machine. */
  readonly at: number;
}

/** One request of the scenario. Times in milliseconds since the epoch, by the clock of the suite's machine. */
export interface RequestFact {
  readonly id: string;
  readonly path: string;
  readonly sentAt: number;
  readonly endedAt: number;
  /** Undefined: none came. */
  readonly status?: number | undefined;
  readonly failure?: string | undefined;
  /** The process and the native thread that answered, by its own word. */
  readonly pid?: number | undefined;
  readonly thread?: number | undefined;
}

/** Requests that were never answered, and what the server's threads stood at. */
export interface LostWorkers {
  /** Requests that were given up without an answer. */
  readonly unanswered: number;
  /** Tracebacks in the server's error log that say `cannot switch to a different thread`. */
  readonly crossThreadErrors: number;
  /** The innermost Python frames of each native thread that stands in one, by process; asked for where a request was not answered. */
  readonly stacks: readonly ThreadStack[];
}

/** What was observed: only facts, with units. Plain data. */
export interface Evidence {
  /** What the server is, as it was found. */
  readonly server: {
    readonly loadedMpms: readonly string[];
    readonly report?: ProcessReport | undefined;
    /** Distinct process ids that answered. */
    readonly processesSeen: number;
  };
  /** Heartbeat errors in the application's log before the first AMQP request. */
  readonly heartbeatErrorsBefore: number;
  /** Heartbeat errors from the first AMQP request to the end of the window. */
  readonly heartbeatErrors: readonly MatchedError[];
  /** Lines in which a request says that it met a dead connection. */
  readonly unreachableLines: readonly LoggedLine[];
  /** Connections that the broker dropped, from the first AMQP request to the end of the window. */
  readonly brokerDrops: readonly Drop[];
  readonly connections: {
    /** Opened in all, by the broker's log. */
    readonly opened: number;
    /** Open at the end, as `ss` counts them in the container. */
    readonly established: number;
    /** Open at the end, as the broker lists them. */
    readonly listed: number;
    /** Each of them, with the frames that were captured on it. */
    readonly all: readonly AmqpConnection[];
  };
  readonly requests: {
    readonly sent: number;
    /** Answered with 200. */
    readonly answered: number;
    /** Anything else, one line each. */
    readonly failed: readonly string[];
    /** Milliseconds that each request took that publishes and was slowed by a reconnect. */
    readonly slowedMs: readonly number[];
    /** The longest that a request was sent after it was due, milliseconds. */
    readonly latestMs: number;
    readonly medianMs: number;
    readonly maxMs: number;
    /** Requests of the scenario by process id. */
    readonly perProcess: Readonly<Record<string, number>>;
    /** Requests that reached a native thread on which a heartbeat had been started before. */
    readonly onHeartbeatOwner: number;
    readonly all: readonly RequestFact[];
  };
  readonly workers: LostWorkers;
  readonly messages: {
    /** Requests on a route that publishes that were answered with 200. */
    readonly expected: number;
    readonly arrived: number;
    /** Request ids whose message never arrived. */
    readonly lost: readonly string[];
  };
  /** Lines at error level, and tracebacks, that nobody declared. */
  readonly undeclared: readonly string[];
  readonly applicationLog: Reading;
  readonly brokerLog: Reading;
  /** Of the packets at the broker. */
  readonly capture: Reading;
  readonly serverErrorLogReadable: boolean;
  readonly conductorLost?: string | undefined;
  readonly afterClean?: AfterClean | undefined;
  /** Milliseconds that each step of the cell took. */
  readonly timings: Readonly<Record<string, number>>;
}

interface Reading {
  readonly lines: number;
  /** Whether the line that was left last, on purpose, was found. */
  readonly readToEnd: boolean;
  readonly complaint?: string | undefined;
}

/** kombu sleeps for a whole second before it connects again; what takes less was slow for another reason. */
const SLOWED_FROM_MS = 1000;
/** The broker writes its log a moment after it has closed the socket. */
const LOG_LATENCY_MS = 200;

/** Draws the facts out of an observation. Pure. */
export function evidenceOf(seen: Observation): Evidence {
  const { application, applicationLog } = seen;
  const window = applicationLog.lines.slice(0, applicationLog.endMark);
  const before = heartbeatErrors(
    parseApplicationLog(window.slice(0, applicationLog.beforeMark ?? 0)),
    application,
  );
  const entries = parseApplicationLog(window.slice(applicationLog.beforeMark ?? 0));
  const connections = parseBrokerLog(seen.brokerLog.lines.slice(0, seen.brokerLog.endMark)).filter(
    (connection) => connection.user === seen.user && pidOfConnection(connection) !== undefined,
  );
  const answered = seen.requests.filter(({ status }) => status === 200);
  const publishing = answered.filter(({ path }) =>
    [application.routes.amqp, application.routes.call].includes(path),
  );
  const durations = answered.map(duration).sort((a, b) => a - b);
  return {
    server: {
      loadedMpms: seen.loadedMpms,
      report: seen.report,
      processesSeen: new Set([...seen.pids, ...seen.requests.flatMap(({ servedBy }) => servedBy?.pid ?? [])])
        .size,
    },
    heartbeatErrorsBefore: before.length,
    heartbeatErrors: matchErrors(heartbeatErrors(entries, application), connections),
    unreachableLines: unreachableLines(entries, application).map(({ line, pid, at }) => ({ line, pid, at })),
    brokerDrops: connections.flatMap(dropOf),
    connections: {
      opened: connections.length,
      ...seen.connections,
      all: connectionFacts(
        connections,
        parseCapture(seen.capture.lines.slice(0, seen.capture.endMark)),
        seen.endedAt,
      ),
    },
    requests: {
      sent: seen.requests.length,
      answered: answered.length,
      failed: seen.requests
        .filter(({ status }) => status !== 200)
        .map(({ id, path, status, failure }) => `${path} ${id}: ${status ?? failure}`),
      slowedMs: publishing
        .map(duration)
        .filter((ms) => ms >= SLOWED_FROM_MS)
        .sort((a, b) => a - b),
      latestMs: Math.max(0, ...seen.requests.map(({ sentAt, dueAt }) => sentAt - dueAt)),
      medianMs: durations[Math.floor(durations.length / 2)] ?? 0,
      maxMs: durations.at(-1) ?? 0,
      perProcess: countBy(answered, ({ servedBy }) => String(servedBy?.pid ?? 'unknown')),
      onHeartbeatOwner: answered.filter(
        ({ servedBy }) => servedBy?.heartbeatOwners.includes(servedBy.thread) ?? false,
      ).length,
      all: seen.requests.map(requestFact),
    },
    workers: {
      unanswered: seen.requests.filter(({ status }) => status === undefined).length,
      crossThreadErrors: countCrossThreadErrors(seen.serverErrorLog ?? ''),
      stacks: seen.stacks ?? [],
    },
    messages: {
      expected: publishing.length,
      arrived: publishing.filter(({ id }) => seen.arrived.has(id)).length,
      lost: publishing.filter(({ id }) => !seen.arrived.has(id)).map(({ id }) => id),
    },
    undeclared: [
      ...undeclaredEntries(parseApplicationLog(window), application),
      ...undeclaredServerErrors(seen.serverErrorLog ?? '', application, seen.deployment.server),
    ],
    applicationLog: reading(seen.applicationLog),
    brokerLog: reading(seen.brokerLog),
    capture: reading(seen.capture),
    serverErrorLogReadable: seen.serverErrorLog !== undefined,
    conductorLost: seen.conductorLost,
    afterClean: seen.afterClean,
    timings: seen.timings,
  };
}

/**
 * Finds for each heartbeat error the connection that the broker had dropped: of the process that
 * logs, before the line, and not one that another error has used, unless nothing has been opened
 * since (the loop of 2019 warns again until a request reconnects).
 */
export function matchErrors(
  errors: readonly LogEntry[],
  connections: readonly BrokerConnection[],
): MatchedError[] {
  const used = new Set<BrokerConnection>();
  return errors.map(({ at, pid, line }) => {
    const latest = at + LOG_LATENCY_MS;
    const dropped = connections.filter(
      (connection) =>
        pidOfConnection(connection) === pid &&
        connection.droppedAt !== undefined &&
        connection.droppedAt <= latest,
    );
    const reopened = (drop: BrokerConnection) =>
      connections.some(
        (it) => it.name === drop.name && it.openedAt > (drop.droppedAt ?? 0) && it.openedAt <= at,
      );
    const match =
      dropped.find((drop) => !used.has(drop) && !reopened(drop)) ?? dropped.find((drop) => !reopened(drop));
    if (!match) return { line, pid, at };
    used.add(match);
    return {
      line,
      pid,
      at,
      drop: { connection: match.name, at: match.droppedAt as number, lines: match.dropLines ?? [] },
    };
  });
}

function requestFact({ id, path, sentAt, endedAt, status, failure, servedBy }: RequestRecord): RequestFact {
  return { id, path, sentAt, endedAt, status, failure, pid: servedBy?.pid, thread: servedBy?.thread };
}

function dropOf(connection: BrokerConnection): Drop[] {
  if (connection.droppedAt === undefined) return [];
  return [
    {
      connection: connection.name,
      pid: pidOfConnection(connection),
      at: connection.droppedAt,
      lines: connection.dropLines ?? [],
    },
  ];
}

function reading({ lines, endMark, complaint }: Observation['brokerLog']): Reading {
  return { lines: endMark ?? lines.length, readToEnd: endMark !== undefined, complaint };
}

function duration({ sentAt, endedAt }: RequestRecord): number {
  return endedAt - sentAt;
}

function countBy<T>(things: readonly T[], key: (thing: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const thing of things) counts[key(thing)] = (counts[key(thing)] ?? 0) + 1;
  return counts;
}

/**
 * How long the instruments wait for a drop once there is no traffic, in milliseconds: at first for one
 * that a heartbeat may prevent, then, when the container is paused, for one that must come.
 */
export function dropLimits(heartbeatSeconds: number): { readonly mayMs: number; readonly mustMs: number } {
  const { mostMs } = brokerPatience(heartbeatSeconds);
  return { mayMs: mostMs + 2000, mustMs: mostMs + 5000 };
}
