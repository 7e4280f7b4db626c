import type { Evidence } from '../../helpers/evidence/evidence.ts';
import type { Premise } from '../../helpers/verdict/row.ts';

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

/** oslo.log may have put a lock of its own, on a pipe, in place of the standard library's. */
export function noLockOnAPipe({ server }: Evidence): string | undefined {
  const locks = server.processes.flatMap(({ logging }) => logging.handlers.map(({ lock }) => lock));
  const pipe = locks.find((lock) => lock?.startsWith('oslo_log.'));
  return pipe
    ? `a handler of the log has the lock ${pipe}; this row is about the standard library’s`
    : undefined;
}

/**
 * In a patched process of several threads, two requests that are under way at once may want one lock, and then the
 * one that waits never wakes. A trickle sends one at a time; but a request that a reconnect slows by a second is still
 * under way when the next one comes, and on a busy machine others are.
 */
export function noneLostInAMeeting({ requests: { all = [] } }: Evidence): string | undefined {
  const lost = all.find(({ status }) => status !== 200);
  const earlier =
    lost &&
    all.find(({ id, sentAt, endedAt }) => id !== lost.id && sentAt <= lost.sentAt && endedAt > lost.sentAt);
  if (!earlier) return undefined;
  const others = all.filter(({ status }) => status !== 200).length - 1;
  return `a request${others > 0 ? `, and ${others} after it,` : ''} was lost that was sent while another one was under way; this row is about one request at a time`;
}

/** All of these; the first that does not hold is the reason. */
export function allOf(...premises: readonly Premise[]): Premise {
  return (evidence) => {
    for (const premise of premises) {
      const missing = premise(evidence);
      if (missing !== undefined) return missing;
    }
    return undefined;
  };
}
