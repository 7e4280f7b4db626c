import { count } from '../../config/count.ts';
import { grouped } from '../../config/grouped.ts';
import type { ApplicationHistories, MessagingMoment } from '../history/application-history.ts';
import type { BrokerHistory, Opening } from '../history/broker-history.ts';
import type { ConnectionHistory, LineRef } from '../history/connection-history.ts';
import type { Restart } from '../history/restarts.ts';
import type { Joined } from '../join/joined-drop.ts';
import { optionAt, type SourceOption } from '../join/source-options.ts';
import type { OfCluster } from './cluster-trouble.ts';
import { type LogZone, timeWords } from './log-clock.ts';
import type { Standstill } from './standstill.ts';
import { refsOf, type Trouble, troubleOf } from './trouble.ts';
import type { TroubleKind } from './troubles.ts';

const MOST_MOMENTS = 5;

/** One trouble for all standstills. The moments with the most connections are listed. */
export function ofStandstills(together: readonly Standstill[], zone: LogZone): Trouble[] {
  const largest = [...together].sort((a, b) => b.drops.length - a.drops.length).slice(0, MOST_MOMENTS);
  const all = together.flatMap(({ drops }) => drops);
  const shownBy = largest.flatMap(({ drops }) => refsOf(drops).slice(0, 3));
  const because = largest.map(({ at, drops, address }) => {
    const where = address === undefined ? 'of several hosts' : `of ${address}`;
    const names = [...new Set(drops.map(({ program }) => program))].join(', ');
    return `${drops.length} connections ${where} were dropped together at ${timeWords(at, zone)}: ${names}`;
  });
  return troubleOf('standstill', all.length, shownBy, { because });
}

const CLOCK_MS = 2000;
const RESTART_MS = 60_000;
const OTHER_END_MS = 10 * 60_000;

/** Restarts of brokers, and lines of lost connections that nothing else explains. */
export function ofLosses(
  broker: BrokerHistory,
  { alone }: Pick<Joined, 'alone'>,
  cluster: OfCluster,
  zone: LogZone,
): Trouble[] {
  const restarts = broker.restarts.all;
  const pidOf = ({ pid }: { readonly pid?: number | undefined }) => pid;
  const openings = grouped(broker.openings, pidOf);
  const ends = grouped(broker.otherEnds, pidOf);
  const drops = grouped(broker.drops, pidOf);
  const droppedIds = new Set(broker.drops.map(({ id }) => id));
  const isOfRestart = (at: number, pid: number | undefined) =>
    restarts.some((restart) => endedByRestart(restart, at, openings.get(pid) ?? []));
  const isOfOtherEnd = (at: number, { pid, connectionId }: MessagingMoment) =>
    (ends.get(pid) ?? []).some((end) => isLineOf(end, at, connectionId));
  const isEcho = (at: number, pid: number | undefined) =>
    (drops.get(pid) ?? []).some((drop) => isEchoOf(drop, at));
  const byRestart = alone.filter(({ at, moment: { pid } }) => at !== undefined && isOfRestart(at, pid));
  const unexplained = alone.filter((loss) => {
    const { at, moment } = loss;
    const { pid, connectionId } = moment;
    // Without a time that both logs share, only a connection's id can match the line with a drop.
    if (at === undefined) return connectionId === undefined || !droppedIds.has(connectionId);
    return !(cluster.losses.has(loss) || isOfRestart(at, pid) || isOfOtherEnd(at, moment) || isEcho(at, pid));
  });
  return [...ofRestarts(restarts, byRestart, zone), ...ofUnexplained(unexplained)];
}

function ofRestarts(restarts: readonly Restart[], byRestart: Joined['alone'], zone: LogZone): Trouble[] {
  const shownBy = [
    ...restarts.slice(0, 2).map(({ ref }) => ref),
    ...byRestart.map(({ moment }) => moment.ref),
  ];
  const because = [
    ...restarts.slice(0, MOST_MOMENTS).map((restart) => restartWords(restart, zone)),
    byRestart.length > 0 &&
      `${count(byRestart.length, 'line')} about connections that were open when the broker stopped`,
  ];
  return troubleOf('broker restart', restarts.length, shownBy, { because });
}

function restartWords({ broker, at, lastSeenAt = at, backAt, connections }: Restart, zone: LogZone): string {
  const stop =
    at === undefined || lastSeenAt === undefined
      ? 'stopped'
      : lastSeenAt < at
        ? `did not say that it stopped, was last seen at ${timeWords(lastSeenAt, zone)}, started at ${timeWords(at, zone)}`
        : `stopped at ${timeWords(at, zone)}`;
  const back =
    at === undefined || backAt === undefined
      ? ''
      : `, and was back after ${Math.round((backAt - at) / 1000)} s`;
  return `${broker} ${stop}${back}; ${count(connections, 'connection')} ended with it, as far as its log shows`;
}

function ofUnexplained(unexplained: Joined['alone']): Trouble[] {
  const untimed = unexplained.filter(({ at }) => at === undefined);
  const unmatched = unexplained.length - untimed.length;
  const shownBy = unexplained.map(({ moment }) => moment.ref);
  const because = [
    unmatched > 0 && `${count(unmatched, 'line')} about lost connections without a drop in any broker’s log`,
    untimed.length > 0 &&
      `${count(untimed.length, 'line')} about lost connections that could not be compared with the broker’s log, because it is not known how the clocks relate`,
  ];
  return troubleOf('unexplained loss', unexplained.length, shownBy, { because });
}

/** Whether a line is about a connection that a restart ended: its process has opened none in between. */
function endedByRestart(
  { at: restart, lastSeenAt = restart }: Restart,
  at: number,
  own: readonly Opening[],
): boolean {
  if (restart === undefined || lastSeenAt === undefined || at < lastSeenAt - CLOCK_MS) return false;
  if (!own.some((opening) => opening.at < restart))
    return at - restart <= RESTART_MS && own.every((opening) => opening.at > at - CLOCK_MS);
  return !own.some((opening) => opening.at >= restart && opening.at < at - CLOCK_MS);
}

/** Whether a line is about a connection that ended: it came soon after, or names it and came before it was opened again. */
function isLineOf(
  { id, endedAt, reopenedAt }: ConnectionHistory,
  at: number,
  connectionId?: string,
): boolean {
  if (at < endedAt - 500) return false;
  const isNamed = connectionId !== undefined && connectionId === id;
  return (
    at - endedAt <= OTHER_END_MS || (isNamed && (reopenedAt === undefined || at <= reopenedAt + CLOCK_MS))
  );
}

/** Whether a line repeats a known drop: the library of 2019 warns until a request reconnects. */
function isEchoOf({ endedAt, reopenedAt = endedAt }: ConnectionHistory, at: number): boolean {
  return at >= endedAt && at <= reopenedAt + 1000;
}

/** A message and its traceback are logged within this time. */
const SAME_ERROR_MS = 1000;

/** Troubles that are often mistaken for missed heartbeats. */
export function ofLookalikes(
  broker: BrokerHistory,
  { all }: ApplicationHistories,
  inThread: ReadonlyMap<string, readonly SourceOption[]>,
): Trouble[] {
  const lines = (...kinds: readonly MessagingMoment['kind'][]) =>
    [...all.values()].flatMap(({ moments }) => errorsOf(moments.filter(({ kind }) => kinds.includes(kind))));
  const frames = { broker: broker.momentsOf('unexpected frame'), application: lines('unexpected frame') };
  const forks = lines('forked');
  const options = [...inThread.values()].flatMap((all) => optionAt(all) ?? []);
  const refs = (all: readonly { readonly ref: LineRef }[]) => all.map(({ ref }) => ref);
  const of = (kind: TroubleKind, all: readonly { readonly ref: LineRef }[]) =>
    troubleOf(kind, all.length, refs(all));
  return [
    ...troubleOf(
      'shared socket',
      // Both sides log the same frame.
      Math.max(frames.broker.length, frames.application.length) + forks.length,
      refs([...frames.broker, ...frames.application, ...forks]),
      {
        because: [
          forks.length > 0 && `${count(forks.length, 'line')} about a fork after a connection was opened`,
        ],
      },
    ),
    ...of('cross thread', lines('cross thread')),
    ...of('dead reply queue', lines('reply undeliverable')),
    ...of(
      'option that will go',
      options.filter(({ value }) => value !== 'off'),
    ),
  ];
}

/** The first line of each error. */
function errorsOf(moments: readonly MessagingMoment[]): MessagingMoment[] {
  const latest = new Map<number | undefined, number>();
  return moments.filter(({ at, pid }) => {
    const before = latest.get(pid);
    latest.set(pid, at);
    return before === undefined || at - before > SAME_ERROR_MS;
  });
}
