import type { Application } from '../applications/application.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { PreconditionName } from '../rows/precondition.ts';
import type { Doubt } from './causes.ts';

/** Why a precondition is not met; undefined: it is met. */
type Precondition = (evidence: Evidence, application: Pick<Application, 'connections'>) => string | undefined;

const preconditions: Readonly<Record<PreconditionName, Precondition>> = {
  'requests miss the heartbeat’s thread': ({ requests, server }) =>
    requests.onHeartbeatOwner === 0 || server.processes[0]?.threads === 1
      ? undefined
      : `${requests.onHeartbeatOwner} requests returned to the thread that runs the heartbeat; this row needs fewer requests in a process than the process has threads`,
  // oslo.messaging keeps a pool of connections for each transport. If the machine stalls for longer than the interval of
  // the traffic, two requests meet in a process, and the second opens another connection. Later requests use only one of
  // the two, so the other is silent.
  'one request at a time': ({ connections }, { connections: most = Number.POSITIVE_INFINITY }) => {
    for (const { pid, openedAt } of connections.all) {
      const open = connections.all.filter(
        ({ endedAt = Number.POSITIVE_INFINITY, ...other }) =>
          other.pid === pid && other.openedAt <= openedAt && openedAt < endedAt,
      );
      if (open.length <= most) continue;
      const first = Math.min(...open.map((other) => other.openedAt));
      return `two requests met in process ${pid}, which had ${open.length} connections ${openedAt - first} ms after it opened its first; this row needs one request at a time`;
    }
    return undefined;
  },
  'standard library’s log lock': ({ server }) => {
    const locks = server.processes.flatMap(({ logging }) => logging.handlers.map(({ lock }) => lock));
    const pipe = locks.find((lock) => lock?.startsWith('oslo_log.'));
    return pipe === undefined || pipe === null
      ? undefined
      : `a log handler has the lock ${pipe}; this row needs the lock of the standard library`;
  },
};

/** The first precondition that is not met; undefined: all are met. */
export function unmetPrecondition(
  names: readonly PreconditionName[],
  evidence: Evidence,
  application: Pick<Application, 'connections'>,
): Doubt | undefined {
  for (const name of names) {
    const reason = preconditions[name](evidence, application);
    if (reason !== undefined) return { cause: 'precondition not met', reason };
  }
  return undefined;
}
