import type { Application } from '../applications/application.ts';
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

// 2026-01-31 12:00:00.123456+00:00 [info] <0.1.0> message
// 3.8 names no zone; the container's is UTC.
const ENTRY =
  /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3})\d*([+-]\d{2}:\d{2})? \[(\w+)\] (<[\d.]+>) (.*)$/;
const AUTHENTICATED =
  /^connection (?:<[\d.]+> \()?(\S+) -> \S+(?: - (.*?))?\)?: user '([^']*)' authenticated and granted access to vhost/;

/**
 * Reads the connections in RabbitMQ's log (3.8 to 4.x). The Erlang process identifies an open connection. Its address
 * does not, because Docker reuses addresses.
 */
export function parseBrokerLog(lines: readonly string[]): BrokerConnection[] {
  const all: BrokerConnection[] = [];
  const open = new Map<string, BrokerConnection>();
  let before = '';
  for (const line of lines) {
    const entry = entryOf(line);
    if (entry) {
      const { at, level, process, message } = entry;
      const authenticated = AUTHENTICATED.exec(message);
      if (authenticated) {
        const connection: BrokerConnection = {
          process,
          user: authenticated[3] as string,
          name: authenticated[2] ?? '',
          peer: authenticated[1] as string,
          openedAt: at,
        };
        all.push(connection);
        open.set(process, connection);
      } else if (message.startsWith('closing AMQP connection')) {
        // The next lines may give another reason, which replaces this one.
        markEnded(open.get(process), at, level === 'info' ? 'closed by the client' : 'other');
      }
    }
    // 4.x logs the reason as a separate entry, 3.x on the line below the entry that names the connection.
    const why = entry?.message ?? line;
    const dropped = why.startsWith('missed heartbeats from client');
    if (dropped || why.startsWith('client unexpectedly closed TCP connection')) {
      const closing = entry ?? entryOf(before);
      const connection = closing && open.get(closing.process);
      if (closing && dropped) markDropped(connection, closing.at, [before, line]);
      else if (closing) markEnded(connection, closing.at, 'lost by the client');
    }
    before = line;
  }
  return all;
}

interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly level: string;
  readonly process: string;
  readonly message: string;
}

/** The entry that begins with this line; undefined if the line continues the entry above it. */
function entryOf(line: string): LogEntry | undefined {
  const match = ENTRY.exec(line);
  if (!match) return undefined;
  const [, day, time, zone = 'Z', level = '', process = '', message = ''] = match;
  return { at: Date.parse(`${day}T${time}${zone}`), level, process, message };
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
  return lines.find((line) => /lager_file_backend dropped \d+ messages/.test(line));
}

/** Whether the broker dropped a connection of this user's application, by these lines. */
export function hasDropped(lines: readonly string[], user: string): boolean {
  return parseBrokerLog(lines).some(
    (connection) => connection.user === user && !isOfSuite(connection) && connection.droppedAt !== undefined,
  );
}

function markEnded(connection: BrokerConnection | undefined, at: number, ended: ConnectionEnd): void {
  if (connection) Object.assign(connection, { endedAt: at, ended });
}

function markDropped(connection: BrokerConnection | undefined, at: number, lines: readonly string[]): void {
  if (!connection) return;
  markEnded(connection, at, 'dropped by the broker');
  connection.droppedAt = at;
  connection.dropLines = lines;
}

/** When a line was logged, in milliseconds since the epoch. @throws UnreadableError if the line has no time. */
export function timeOf(line: string): number {
  const entry = entryOf(line);
  if (!entry) throw new UnreadableError(`the broker’s log has a line without a time: ${line}`);
  return entry.at;
}

/** When the broker started and stopped listening for clients, by these lines. */
export function listensByLog(lines: readonly string[]): { at: number; listens: boolean }[] {
  return lines.flatMap((line) => {
    const { at, message = '' } = entryOf(line) ?? {};
    const [, what] = /^(started|stopped) TCP listener on /.exec(message) ?? [];
    return at === undefined || what === undefined ? [] : [{ at, listens: what === 'started' }];
  });
}
