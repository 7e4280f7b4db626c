import type { LogEntry } from './application-log.ts';
import type { BrokerConnection } from './broker-log.ts';
import type { Drop, LostConnectionLine, RequestFact } from './evidence.ts';

/** The broker logs a drop a moment after it has closed the socket, milliseconds. */
export const LOG_LATENCY_MS = 200;

// [9528639f-…] AMQP server on broker:5672 is unreachable: …
const NAMED = /\[([0-9a-f-]{36})\] AMQP server on /;
const HAS_ID = /:[0-9a-f-]{36}$/;

/** A logged line about a lost connection. */
export interface LossEntry extends Pick<LogEntry, 'at' | 'pid' | 'line'> {
  /** The connection's own id, if something else than the line's words shows it. */
  readonly connectionId?: string | undefined;
}

/** Whether a connection may be the one that a line names: oslo.messaging ends a connection's name with its id. */
function mayBe(id: string | undefined, { name }: BrokerConnection): boolean {
  return id === undefined || name.endsWith(id) || !HAS_ID.test(name);
}

/** When the next connection of a drop's name was opened. */
function reopenedAt({ name, droppedAt = 0 }: BrokerConnection, all: readonly BrokerConnection[]): number {
  return all.reduce(
    (first, connection) =>
      connection.name === name && connection.openedAt > droppedAt
        ? Math.min(first, connection.openedAt)
        : first,
    Number.POSITIVE_INFINITY,
  );
}

/**
 * Finds the drop that each line is about. The drop is of the process that logged the line, happened before the line,
 * and was not yet reopened. If the line names a connection, the drop must not have another id. Of several drops, the
 * one reopened first is chosen, because a heartbeat reconnects as soon as it has logged. A drop is used again only if
 * no unused drop is left: the loop of 2019 warns repeatedly until a request reconnects.
 *
 * @param lines all of the heartbeat, or all of requests, in the order in which they were logged.
 * @param others matched lines of the other side. A drop that one of them logged earlier counts as used.
 */
export function matchDrops(
  lines: readonly LossEntry[],
  connections: readonly BrokerConnection[],
  others: readonly LostConnectionLine[] = [],
): LostConnectionLine[] {
  const used = new Set<BrokerConnection>();
  const isUsed = (drop: BrokerConnection, at: number) =>
    used.has(drop) ||
    others.some(
      (other) => other.at < at && other.drop?.connection === drop.name && other.drop.at === drop.droppedAt,
    );
  const drops = connections
    .filter(({ droppedAt }) => droppedAt !== undefined)
    .map((drop) => ({ drop, reopenedAt: reopenedAt(drop, connections) }))
    .sort((a, b) => (a.reopenedAt === b.reopenedAt ? 0 : a.reopenedAt - b.reopenedAt));
  return lines.map(({ at, pid, line, connectionId: id = NAMED.exec(line)?.[1] }) => {
    const latest = at + LOG_LATENCY_MS;
    const candidates = drops.filter(
      ({ drop, reopenedAt: next }) =>
        drop.pid === pid && (drop.droppedAt as number) <= latest && next > at && mayBe(id, drop),
    );
    const match = (candidates.find(({ drop }) => !isUsed(drop, at)) ?? candidates[0])?.drop;
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

/** How long after a reconnect a heartbeat may still log something about the lost connection, milliseconds. */
const AFTER_RECONNECT_MS = 1000;

/**
 * The lines that a process logged near a drop of its own: from the drop to a moment after the same connection was opened
 * again, or to the end.
 */
export function nearDrops(lines: readonly LogEntry[], connections: readonly BrokerConnection[]): LogEntry[] {
  const spans = connections.flatMap((drop) =>
    drop.droppedAt === undefined
      ? []
      : [
          {
            pid: drop.pid,
            from: drop.droppedAt - LOG_LATENCY_MS,
            to: reopenedAt(drop, connections) + AFTER_RECONNECT_MS,
          },
        ],
  );
  return lines.filter(({ at, pid }) =>
    spans.some((span) => span.pid === pid && at >= span.from && at <= span.to),
  );
}

/** The drops among the connections. The first line that matches a drop decides what logged it. */
export function dropsOf(
  connections: readonly BrokerConnection[],
  lines: {
    readonly heartbeat: readonly LostConnectionLine[];
    readonly request: readonly LostConnectionLine[];
  },
): Drop[] {
  const all = (['heartbeat', 'request'] as const)
    .flatMap((loggedBy) => lines[loggedBy].map((line) => ({ loggedBy, line })))
    .sort((a, b) => a.line.at - b.line.at);
  return connections.flatMap((connection): Drop[] => {
    const { name, pid, droppedAt: at, dropLines = [] } = connection;
    if (at === undefined) return [];
    const first = all.find(({ line: { drop } }) => drop?.connection === name && drop.at === at);
    const logged = first
      ? { loggedBy: first.loggedBy, loggedAt: first.line.at }
      : { loggedBy: 'nobody' as const };
    return [{ connection: name, pid, at, lines: dropLines, ...logged }];
  });
}

/**
 * The requests for which their own process logged that the broker is unreachable. A line belongs to the request that it
 * names. If it names none, it belongs to a request that the process was serving at that time.
 *
 * @param lines in which a request logs that it met a dead connection.
 * @returns ids of requests.
 */
export function reconnectedRequests(
  requests: readonly Pick<RequestFact, 'id' | 'pid' | 'sentAt' | 'endedAt'>[],
  lines: readonly Pick<LostConnectionLine, 'line' | 'pid' | 'at'>[],
): Set<string> {
  const ids = new Set<string>();
  for (const { line, pid, at } of lines) {
    const isServed = (request: (typeof requests)[number]) =>
      request.pid === pid &&
      !ids.has(request.id) &&
      at >= request.sentAt - LOG_LATENCY_MS &&
      at <= request.endedAt + LOG_LATENCY_MS;
    const found = requests.find(({ id }) => line.includes(id)) ?? requests.find(isServed);
    if (found) ids.add(found.id);
  }
  return ids;
}
