import { type ConnectionHistory, timeoutMsOf } from '../history/connection-history.ts';
import type { JoinedDrop } from '../join/joined-drop.ts';
import { optionAt, type SourceOption } from '../join/source-options.ts';
import { type BackTogether, looksLikeBreak } from './standstill.ts';

/** What is known besides the drop itself. */
export interface SignContext {
  /** heartbeat_in_pthread, by the source of the log that has it. */
  readonly inThread: ReadonlyMap<string, readonly SourceOption[]>;
  /** Drops of processes that lost their connections together and reconnected at the same moment. */
  readonly backTogether: ReadonlyMap<ConnectionHistory, BackTogether>;
  /** Whether processes share sockets: they then open connections of the same name. */
  readonly hasSharedSockets: boolean;
}

export const dropSigns = [
  'replaced',
  'away',
  'busy',
  'together',
  'native',
  'late',
  'silent',
  'quick',
  'none',
] as const;
/**
 * What a drop says about the heartbeat of its process, the strongest sign first.
 *
 * - `replaced`: the client had already opened another connection.
 * - `away`: the client tried to reach the broker and could not.
 * - `busy`: one request occupied the process until the drop.
 * - `together`: several processes reconnected at the same moment, and no log shows requests then.
 * - `native`: late or silent, although heartbeat_in_pthread is on.
 * - `late`: the process reconnected, or logged the drop, more than half a timeout later.
 * - `silent`: nobody logged the drop, and the process lived on.
 * - `quick`: the process reconnected or logged within half a timeout, and no request is known to have caused it.
 * - `none`: none of these.
 */
export type DropSign = (typeof dropSigns)[number];

/** The sign of a drop. */
export function signOf(
  joined: JoinedDrop,
  { inThread, backTogether, hasSharedSockets }: SignContext,
): DropSign {
  const { drop, loggedBy, loggedAt, besideRequest, isAway, busyMs, isSeenLater } = joined;
  if (drop.replacedAt !== undefined) return hasSharedSockets ? 'none' : 'replaced';
  if (isAway) return 'away';
  if (busyMs !== undefined) return 'busy';
  const back = backTogether.get(drop);
  if (back?.isSeveral && loggedBy !== 'request' && looksLikeBreak(back, besideRequest)) return 'together';
  const times = [drop.reopenedAt, loggedAt].filter((time) => time !== undefined);
  // A running heartbeat looks at the connection at least twice in a timeout.
  const isLate = times.length > 0 && Math.min(...times) - drop.endedAt > timeoutMsOf(drop) / 2;
  const isSilent = loggedBy === 'nobody' && isSeenLater === true;
  if (isLate || isSilent)
    return optionOf(joined, inThread)?.value === 'on' ? 'native' : isLate ? 'late' : 'silent';
  return times.length === 0 || besideRequest || loggedBy === 'request' ? 'none' : 'quick';
}

/** heartbeat_in_pthread in the process, when its connection was dropped. */
export function optionOf(
  { drop, source }: JoinedDrop,
  inThread: SignContext['inThread'],
): SourceOption | undefined {
  return source === undefined ? undefined : optionAt(inThread.get(source) ?? [], drop.endedAt);
}
