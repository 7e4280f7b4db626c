/** What RabbitMQ's log says of one connection. Times in milliseconds since the epoch, broker's clock. */
export interface BrokerConnection {
  /** The Erlang process, e.g. `<0.1.0>`. */
  readonly process: string;
  readonly user: string;
  /** The name the client gave: `PROGRAM:PID:UUID` from oslo.messaging. */
  readonly name: string;
  readonly openedAt: number;
  /** When the broker closed it for missed heartbeats, or undefined if it did not. */
  droppedAt?: number;
  /** The lines that say so. */
  dropLines?: readonly string[];
}

// 2026-01-31 12:00:00.123456+00:00 [info] <0.1.0> message
const ENTRY = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3})\d*([+-]\d{2}:\d{2}) \[\w+\] (<[\d.]+>) (.*)$/;
const AUTHENTICATED =
  /^connection (?:<[\d.]+> \()?\S+ -> \S+(?: - (.*?))?\)?: user '([^']*)' authenticated and granted access to vhost/;

/**
 * Reads the connections out of RabbitMQ's log (3.10 to 4.x). They are told apart by the Erlang
 * process that logs, which is never that of another one that is still open; by address never,
 * since Docker gives addresses away again.
 */
export function parseBrokerLog(lines: readonly string[]): BrokerConnection[] {
  const all: BrokerConnection[] = [];
  const open = new Map<string, BrokerConnection>();
  let before = '';
  for (const line of lines) {
    const match = ENTRY.exec(line);
    if (match) {
      const [, day, time, zone, process, message] = match as unknown as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const at = Date.parse(`${day}T${time}${zone}`);
      const authenticated = AUTHENTICATED.exec(message);
      if (authenticated) {
        const connection: BrokerConnection = {
          process,
          user: authenticated[2] as string,
          name: authenticated[1] ?? '',
          openedAt: at,
        };
        all.push(connection);
        open.set(process, connection);
      } else if (message.startsWith('missed heartbeats from client')) {
        markDropped(open.get(process), at, [before, line]);
      }
    } else if (line.startsWith('missed heartbeats from client')) {
      // 3.10 puts it on a line of its own, below the one that names the connection
      const closing = ENTRY.exec(before);
      if (closing) {
        const at = Date.parse(`${closing[1]}T${closing[2]}${closing[3]}`);
        markDropped(open.get(closing[4] as string), at, [before, line]);
      }
    }
    before = line;
  }
  return all;
}

function markDropped(connection: BrokerConnection | undefined, at: number, lines: readonly string[]): void {
  if (!connection) return;
  connection.droppedAt = at;
  connection.dropLines = lines;
}

/** The process id in a name that oslo.messaging gave, or undefined for another client's. */
export function pidOfConnection({ name }: Pick<BrokerConnection, 'name'>): number | undefined {
  const match = /:(\d+):[0-9a-f-]{36}$/.exec(name);
  return match ? Number(match[1]) : undefined;
}
