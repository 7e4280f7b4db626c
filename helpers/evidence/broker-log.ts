import type { Application } from '../applications/application.ts';
import { asUnwrapped } from '../logs/envelope.ts';
import { rabbitmqEntry } from '../logs/rabbitmq-entry.ts';
import { type BrokerEnding, type BrokerEvent, RabbitmqLogReader } from '../logs/rabbitmq-log.ts';
import { UnreadableError } from './unreadable.ts';

/** The names of the suite's own connections begin with this. */
export const SUITE_CONNECTION = 'suite:';

/** One connection in RabbitMQ's log. Times are in milliseconds since the epoch, by the broker's clock. */
export interface BrokerConnection {
  /** The Erlang process, e.g. `<0.1.0>`. */
  readonly process: string;
  readonly user: string;
  /** The name that the client gave it, or an empty string. */
  readonly name: string;
  /** The application's process, by the connection's name; undefined: the name has none. */
  readonly pid?: number | undefined;
  /** The client's end, `IP:PORT`. Docker reuses addresses. */
  readonly peer: string;
  readonly openedAt: number;
  /** Undefined: it was still open when the log was read. */
  endedAt?: number;
  ended?: ConnectionEnd;
  /** When the broker closed it because of missed heartbeats. */
  droppedAt?: number;
  /** The log's lines about that. */
  dropLines?: readonly string[];
}

export const connectionEnds = [
  'dropped by the broker',
  'closed by the client',
  'lost by the client',
  'other',
] as const;
/** How a connection ended: dropped for missed heartbeats, closed with `Connection.Close`, or the client's socket was gone. */
export type ConnectionEnd = (typeof connectionEnds)[number];

const ENDS: Readonly<Record<BrokerEnding, ConnectionEnd>> = {
  'missed heartbeats': 'dropped by the broker',
  'closed by the client': 'closed by the client',
  'lost by the client': 'lost by the client',
  'network error': 'other',
  other: 'other',
};

/**
 * Reads the connections in RabbitMQ's log. The Erlang process identifies an open connection. Its address does not,
 * because Docker reuses addresses. Times without a zone are UTC, the container's.
 */
export function parseBrokerLog(lines: readonly string[]): BrokerConnection[] {
  const all: BrokerConnection[] = [];
  const open = new Map<string, BrokerConnection>();
  for (const event of eventsOf(lines)) {
    const at = event.time?.ms;
    if (at === undefined) continue;
    if (event.kind === 'authenticated') {
      const { erlangProcess: process = '', peer, name = '', user = '' } = event.connection;
      const connection: BrokerConnection = { process, user, name, peer, openedAt: at };
      all.push(connection);
      open.set(process, connection);
    } else if (event.kind === 'ended') {
      const connection = open.get(event.connection.erlangProcess ?? '');
      if (!connection) continue;
      Object.assign(connection, { endedAt: at, ended: ENDS[event.how] });
      if (event.how !== 'missed heartbeats') continue;
      connection.droppedAt = at;
      connection.dropLines = [event.line, event.lastLine].map((number) => lines[number - 1] ?? '');
    }
  }
  return all;
}

function eventsOf(lines: readonly string[]): BrokerEvent[] {
  const events: BrokerEvent[] = [];
  const reader = new RabbitmqLogReader((event) => events.push(event));
  for (const [index, line] of lines.entries()) {
    // A container's own log has no collector's prefixes.
    const plain = asUnwrapped(line);
    if (!reader.entry(plain, index + 1)) reader.continuation(plain, index + 1);
  }
  reader.end();
  return events;
}

/** The connections of an application's user in these lines, without the suite's own. */
export function connectionsOf(
  lines: readonly string[],
  user: string,
  application: Pick<Application, 'connectionName'>,
): BrokerConnection[] {
  return parseBrokerLog(lines)
    .filter((connection) => connection.user === user && !isOfSuite(connection))
    .map((connection) => ({ ...connection, pid: pidNamed(connection.name, application) }));
}

/** The process id in a connection's name, in the form that the application gives it; undefined: there is none. */
export function pidNamed(
  name: string,
  { connectionName }: Pick<Application, 'connectionName'>,
): number | undefined {
  const pid = connectionName.exec(name)?.groups?.pid;
  return pid === undefined ? undefined : Number(pid);
}

/** Whether a connection is the suite's own. */
export function isOfSuite({ name }: Pick<BrokerConnection, 'name'>): boolean {
  return name.startsWith(SUITE_CONNECTION);
}

/**
 * The line in which the broker reports lines that it did not log; undefined: there is none. RabbitMQ 3.8 logs at most
 * 50 lines a second and drops the others.
 */
export function droppedLines(lines: readonly string[]): string | undefined {
  const event = eventsOf(lines).find(({ kind }) => kind === 'log lines dropped');
  return event && lines[event.line - 1];
}

/** Whether the broker dropped a connection of this user's application, by these lines. */
export function hasDropped(lines: readonly string[], user: string): boolean {
  return parseBrokerLog(lines).some(
    (connection) => connection.user === user && !isOfSuite(connection) && connection.droppedAt !== undefined,
  );
}

/** When a line was logged, in milliseconds since the epoch. @throws UnreadableError if the line has no time. */
export function timeOf(line: string): number {
  const at = rabbitmqEntry(asUnwrapped(line))?.time?.ms;
  if (at === undefined) throw new UnreadableError(`the broker’s log has a line without a time: ${line}`);
  return at;
}

/** When the broker started and stopped listening for clients, by these lines. */
export function listensByLog(lines: readonly string[]): { at: number; listens: boolean }[] {
  return eventsOf(lines).flatMap(({ kind, time }) =>
    time && (kind === 'listener started' || kind === 'listener stopped')
      ? [{ at: time.ms, listens: kind === 'listener started' }]
      : [],
  );
}
