import type { Application } from '../applications/application.ts';
import { UnreadableError } from './unreadable.ts';

/** Every connection of the suite itself has a name that starts like this. */
export const SUITE_CONNECTION = 'suite:';

/** What RabbitMQ's log says of one connection. Times in milliseconds since the epoch, broker's clock. */
export interface BrokerConnection {
  /** The Erlang process, e.g. `<0.1.0>`. */
  readonly process: string;
  readonly user: string;
  /** The name the client gave, or nothing. */
  readonly name: string;
  /** The process of the application that its name says; undefined where it says none. */
  readonly pid?: number | undefined;
  /** The client's end, `IP:PORT`. Docker gives addresses away again. */
  readonly peer: string;
  readonly openedAt: number;
  /** When it ended, or undefined if it had not when the log was read. */
  endedAt?: number;
  /** Who ended it, and whether as AMQP says (`Connection.Close`). */
  ended?: ConnectionEnd;
  /** When the broker closed it for missed heartbeats, or undefined if it did not. */
  droppedAt?: number;
  /** The lines that say so. */
  dropLines?: readonly string[];
}

export const connectionEnds = [
  'dropped by the broker',
  'closed by the client',
  'lost by the client',
  'other',
] as const;
/** `dropped`: for missed heartbeats; `closed`: as AMQP has it; `lost`: the client's socket was gone. */
export type ConnectionEnd = (typeof connectionEnds)[number];

// 2026-01-31 12:00:00.123456+00:00 [info] <0.1.0> message
// 3.8 names no zone: the container's is UTC.
const ENTRY =
  /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3})\d*([+-]\d{2}:\d{2})? \[(\w+)\] (<[\d.]+>) (.*)$/;
const AUTHENTICATED =
  /^connection (?:<[\d.]+> \()?(\S+) -> \S+(?: - (.*?))?\)?: user '([^']*)' authenticated and granted access to vhost/;

/**
 * Reads the connections out of RabbitMQ's log (3.8 to 4.x). They are told apart by the Erlang
 * process that logs, which is never that of another one that is still open; by address never,
 * since Docker gives addresses away again.
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
        // What comes next may say why: then this is put right.
        markEnded(open.get(process), at, level === 'info' ? 'closed by the client' : 'other');
      }
    }
    // 4.x says why in an entry of its own, 3.x on the line below the entry that names the connection.
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

/** A line with a head of its own; undefined for one that goes on with the entry above it. */
function entryOf(line: string): LogEntry | undefined {
  const match = ENTRY.exec(line);
  if (!match) return undefined;
  const [day, time, zone = 'Z', level, process, message] = match.slice(1) as [
    string,
    string,
    string | undefined,
    string,
    string,
    string,
  ];
  return { at: Date.parse(`${day}T${time}${zone}`), level, process, message };
}

/** The connections of an application, by these lines: those of its user, less the suite's own, which has the same one. */
export function connectionsOf(
  lines: readonly string[],
  user: string,
  { connectionName }: Pick<Application, 'connectionName'>,
): BrokerConnection[] {
  return parseBrokerLog(lines)
    .filter((it) => it.user === user && !isOfSuite(it))
    .map((it) => ({ ...it, pid: pidIn(it.name, connectionName) }));
}

/** The process that has a connection, by the name that its application gives it. */
export function pidNamed(
  name: string,
  { connectionName }: Pick<Application, 'connectionName'>,
): number | undefined {
  return pidIn(name, connectionName);
}

/** Whether a connection is the suite's own. */
export function isOfSuite({ name }: Pick<BrokerConnection, 'name'>): boolean {
  return name.startsWith(SUITE_CONNECTION);
}

/**
 * What the broker says that it did not log, or undefined: RabbitMQ 3.8 logs no more than 50 lines a second and drops
 * the others.
 */
export function droppedLines(lines: readonly string[]): string | undefined {
  return lines.find((line) => /lager_file_backend dropped \d+ messages/.test(line));
}

/** Whether the broker closed a connection of this user's application for missed heartbeats, by these lines. */
export function hasDropped(lines: readonly string[], user: string): boolean {
  return parseBrokerLog(lines).some((it) => it.user === user && !isOfSuite(it) && it.droppedAt !== undefined);
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

/** The process id in a connection's name, or undefined where it has another form. */
function pidIn(name: string, form: RegExp): number | undefined {
  const pid = form.exec(name)?.groups?.pid;
  return pid === undefined ? undefined : Number(pid);
}

/** When a line was logged, milliseconds since the epoch. @throws UnreadableError for a line without a time. */
export function timeOf(line: string): number {
  const entry = entryOf(line);
  if (!entry) throw new UnreadableError(`the broker’s log has a line without a time: ${line}`);
  return entry.at;
}

/** When the broker began and ended to listen for clients, by these lines. */
export function listensByLog(lines: readonly string[]): { at: number; listens: boolean }[] {
  return lines.flatMap((line) => {
    const { at, message = '' } = entryOf(line) ?? {};
    const [, what] = /^(started|stopped) TCP listener on /.exec(message) ?? [];
    return at === undefined || what === undefined ? [] : [{ at, listens: what === 'started' }];
  });
}
