import type { LogEntry } from './application-log.ts';
import type { BrokerConnection } from './broker-log.ts';
import type { Drop, LostConnectionLine, RequestFact } from './evidence.ts';

/** The broker writes its log a moment after it has closed the socket. */
export const LOG_LATENCY_MS = 200;

/**
 * Finds for each line that tells of a lost connection the one that the broker had dropped: of the process
 * that logs, before the line, and not one that another line has used, unless nothing has been opened
 * since (the loop of 2019 warns again until a request reconnects).
 *
 * @param lines of one loggedBy, in the order in which they were logged.
 */
export function matchDrops(
  lines: readonly LogEntry[],
  connections: readonly BrokerConnection[],
): LostConnectionLine[] {
  const used = new Set<BrokerConnection>();
  return lines.map(({ at, pid, line }) => {
    const latest = at + LOG_LATENCY_MS;
    const dropped = connections.filter(
      (connection) =>
        connection.pid === pid && connection.droppedAt !== undefined && connection.droppedAt <= latest,
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

/** After a reconnect a heartbeat may still have something to say of the connection that it lost. */
const AFTERTHOUGHT_MS = 1000;

/**
 * The lines that a process logged between the drop of one of its connections and the next one that it opened, or a
 * moment later.
 */
export function nearDrops(lines: readonly LogEntry[], connections: readonly BrokerConnection[]): LogEntry[] {
  return lines.filter(({ at, pid }) =>
    connections.some((drop) => {
      if (drop.pid !== pid || drop.droppedAt === undefined || at < drop.droppedAt - LOG_LATENCY_MS)
        return false;
      const next = connections.find((it) => it.pid === pid && it.openedAt > (drop.droppedAt ?? 0));
      return next === undefined || at <= next.openedAt + AFTERTHOUGHT_MS;
    }),
  );
}

/** The drops among the connections, and who told of each: the first line that matches it. */
export function dropsOf(
  connections: readonly BrokerConnection[],
  lines: {
    readonly heartbeat: readonly LostConnectionLine[];
    readonly request: readonly LostConnectionLine[];
  },
): Drop[] {
  const told = (['heartbeat', 'request'] as const)
    .flatMap((loggedBy) => lines[loggedBy].map((line) => ({ loggedBy, line })))
    .sort((a, b) => a.line.at - b.line.at);
  return connections.flatMap((connection): Drop[] => {
    const { name, pid, droppedAt: at, dropLines = [] } = connection;
    if (at === undefined) return [];
    const first = told.find(({ line: { drop } }) => drop?.connection === name && drop.at === at);
    const common = { connection: name, pid, at, lines: dropLines };
    return [
      first
        ? { ...common, loggedBy: first.loggedBy, loggedAt: first.line.at }
        : { ...common, loggedBy: 'nobody' },
    ];
  });
}

/**
 * The requests for which their own process logged that the broker is unreachable. A line that names a request
 * is that request's; any other is that of a request which the process was serving at that time.
 *
 * @param lines in which a request says that it met a dead connection.
 * @returns the requests' ids.
 */
export function reconnectedRequests(
  requests: readonly Pick<RequestFact, 'id' | 'pid' | 'sentAt' | 'endedAt'>[],
  lines: readonly Pick<LostConnectionLine, 'line' | 'pid' | 'at'>[],
): Set<string> {
  const ids = new Set<string>();
  for (const { line, pid, at } of lines) {
    const named = requests.find(({ id }) => line.includes(id));
    const served =
      named ??
      requests.find(
        (it) =>
          it.pid === pid &&
          !ids.has(it.id) &&
          at >= it.sentAt - LOG_LATENCY_MS &&
          at <= it.endedAt + LOG_LATENCY_MS,
      );
    if (served) ids.add(served.id);
  }
  return ids;
}
