import type { Application } from '../../helpers/applications/application.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';

// What a run must have been like to say anything of its row. That is asked whatever the verdict is, expected or
// not; where it was not so, the reason is the result, and the row is played once more.

/**
 * A green heartbeat logs only when a request comes back to the thread that opened the connection.
 * Where there are several threads that is a matter of luck: then the run says nothing of a row that
 * expects silence.
 */
export function noRequestOnHeartbeatOwner({ requests, server }: Evidence): string | undefined {
  if (requests.onHeartbeatOwner === 0 || server.processes[0]?.threads === 1) return undefined;
  return `${requests.onHeartbeatOwner} requests came back to the very thread that owes the heartbeat; this row needs fewer requests in a process than it has threads`;
}

/**
 * oslo.messaging keeps a pool of connections for each transport. When the machine stalls for longer than the interval
 * of the traffic, two requests meet in a process, the second opens another connection, and what follows uses one of
 * the two: the other one is silent. How many there are where one request comes at a time is the application's to say.
 */
export function oneConnectionEach(
  { connections }: Evidence,
  { connections: most = Number.POSITIVE_INFINITY }: Pick<Application, 'connections'>,
): string | undefined {
  for (const { pid, openedAt } of connections.all) {
    const open = connections.all.filter(
      (it) =>
        it.pid === pid && it.openedAt <= openedAt && openedAt < (it.endedAt ?? Number.POSITIVE_INFINITY),
    );
    if (open.length <= most) continue;
    const first = Math.min(...open.map((it) => it.openedAt));
    return `two requests met in process ${pid}, which had ${open.length} connections ${openedAt - first} ms after it opened its first; this row needs one request at a time`;
  }
  return undefined;
}

/** oslo.log may have put a lock of its own, on a pipe, in place of the standard library's. */
export function noLockOnAPipe({ server }: Evidence): string | undefined {
  const locks = server.processes.flatMap(({ logging }) => logging.handlers.map(({ lock }) => lock));
  const pipe = locks.find((lock) => lock?.startsWith('oslo_log.'));
  return pipe
    ? `a handler of the log has the lock ${pipe}; this row is about the standard library’s`
    : undefined;
}
