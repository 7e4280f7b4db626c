import type { Evidence } from '../../helpers/evidence/evidence.ts';

// What a row takes for granted of its traffic. A verdict that the row does not expect counts only where it was so;
// else the reason why it was not is the result.

/**
 * A green heartbeat logs only when a request comes back to the thread that opened the connection.
 * Where there are several threads that is a matter of luck: then the run says nothing of a row that
 * expects silence.
 */
export function noRequestOnHeartbeatOwner({ requests, server }: Evidence): string | undefined {
  if (requests.onHeartbeatOwner === 0 || server.report?.threads === 1) return undefined;
  return `${requests.onHeartbeatOwner} requests came back to the very thread that owes the heartbeat; this row needs fewer requests in a process than it has threads`;
}

/**
 * oslo.messaging keeps a pool of connections. When the machine stalls for longer than the interval of the traffic,
 * two requests meet in a process, the second opens another connection, and what follows uses one of the two: the
 * other one is silent.
 */
export function oneConnectionEach({ connections }: Evidence): string | undefined {
  for (const { pid, openedAt, endedAt = Number.POSITIVE_INFINITY } of connections.all) {
    const beside = connections.all.find(
      (other) => other.pid === pid && other.openedAt > openedAt && other.openedAt < endedAt,
    );
    if (beside) {
      return `two requests met in process ${pid}, which opened a second connection ${beside.openedAt - openedAt} ms after the first; this row needs one request at a time`;
    }
  }
  return undefined;
}
