import { count } from '../config/count.ts';
import { grouped } from '../config/grouped.ts';
import type { ApplicationHistories } from './application-history.ts';
import type { BrokerHistory, Opening } from './broker-history.ts';
import type { ConnectionHistory, LineRef } from './connection-history.ts';
import type { Joined } from './joined-drop.ts';
import { type LogZone, timeWords } from './log-clock.ts';
import type { Restart } from './restarts.ts';
import type { SourceOption } from './source-options.ts';
import type { Standstill } from './standstill.ts';
import { MOST_LINES, refsOf, type Trouble } from './trouble.ts';
import type { TroubleKind } from './troubles.ts';

const MOST_MOMENTS = 5;

/** One trouble, however often it was: the moments with the most connections stand for all of them. */
export function ofStandstills(together: readonly Standstill[], zone: LogZone): Trouble[] {
  if (together.length === 0) return [];
  const largest = [...together].sort((a, b) => b.drops.length - a.drops.length).slice(0, MOST_MOMENTS);
  return [
    {
      kind: 'standstill',
      count: together.reduce((sum, { drops }) => sum + drops.length, 0),
      shownBy: largest.flatMap(({ drops }) => refsOf(drops).slice(0, 3)).slice(0, MOST_LINES),
      because: largest.map(({ at, drops, address }) => {
        const where = address === undefined ? 'of several hosts' : `of ${address}`;
        const names = [...new Set(drops.map(({ program }) => program))].join(', ');
        return `${drops.length} connections ${where} were dropped together at ${timeWords(at, zone)}: ${names}`;
      }),
      against: [],
    },
  ];
}

const CLOCK_MS = 2000;
const RESTART_MS = 60_000;
const OTHER_END_MS = 10 * 60_000;

/** Restarts of brokers, and lines of lost connections that no drop explains. */
export function ofLosses(broker: BrokerHistory, { alone }: Pick<Joined, 'alone'>, zone: LogZone): Trouble[] {
  const restarts = broker.restarts.all;
  const pidOf = ({ pid }: { readonly pid?: number | undefined }) => pid;
  const openings = grouped(broker.openings, pidOf);
  const ends = grouped(broker.otherEnds, pidOf);
  const drops = grouped(broker.drops, pidOf);
  const isOfRestart = (at: number, pid: number | undefined) =>
    restarts.some((it) => endedByRestart(it.at, at, openings.get(pid) ?? []));
  const isOfOtherEnd = (at: number, pid: number | undefined) =>
    (ends.get(pid) ?? []).some(({ endedAt }) => at >= endedAt - 500 && at - endedAt <= OTHER_END_MS);
  const isEcho = (at: number, pid: number | undefined) =>
    (drops.get(pid) ?? []).some((drop) => isEchoOf(drop, at));
  const byRestart = alone.filter(({ at, moment: { pid } }) => at !== undefined && isOfRestart(at, pid));
  const unexplained = alone.filter(
    ({ at, moment: { pid } }) =>
      at === undefined || !(isOfRestart(at, pid) || isOfOtherEnd(at, pid) || isEcho(at, pid)),
  );
  return [...ofRestarts(restarts, byRestart, zone), ...ofUnexplained(unexplained)];
}

function ofRestarts(restarts: readonly Restart[], byRestart: Joined['alone'], zone: LogZone): Trouble[] {
  if (restarts.length === 0) return [];
  return [
    {
      kind: 'broker restart',
      count: restarts.length,
      shownBy: [
        ...restarts.slice(0, 2).map(({ ref }) => ref),
        ...byRestart.map(({ moment }) => moment.ref),
      ].slice(0, MOST_LINES),
      because: [
        ...restarts.slice(0, MOST_MOMENTS).map((restart) => restartWords(restart, zone)),
        ...(byRestart.length === 0
          ? []
          : [
              `${count(byRestart.length, 'line')} of lost connections are of connections that were open when the broker stopped`,
            ]),
      ],
      against: [],
    },
  ];
}

function restartWords({ broker, at, backAt, connections }: Restart, zone: LogZone): string {
  const when = at === undefined ? '' : ` at ${timeWords(at, zone)}`;
  const back =
    at === undefined || backAt === undefined
      ? ''
      : `, and was back after ${Math.round((backAt - at) / 1000)} s`;
  return `${broker} stopped${when}${back}; ${count(connections, 'connection')} ended with it, as far as its log shows`;
}

function ofUnexplained(unexplained: Joined['alone']): Trouble[] {
  if (unexplained.length === 0) return [];
  return [
    {
      kind: 'unexplained loss',
      count: unexplained.length,
      shownBy: unexplained.map(({ moment }) => moment.ref).slice(0, MOST_LINES),
      because: [
        `${unexplained.length} lines of lost connections match no connection that a broker’s log says it dropped`,
      ],
      against: [],
    },
  ];
}

/** Whether a line is of a connection that a restart ended: its process has opened none in between. */
function endedByRestart(restart: number | undefined, at: number, own: readonly Opening[]): boolean {
  if (restart === undefined || at < restart - CLOCK_MS) return false;
  if (!own.some((it) => it.at < restart))
    return at - restart <= RESTART_MS && own.every((it) => it.at > at - CLOCK_MS);
  return !own.some((it) => it.at >= restart && it.at < at - CLOCK_MS);
}

/** The 2019 library goes on warning until a request reconnects: such lines are the echo of a drop that is known. */
function isEchoOf({ endedAt, reopenedAt = endedAt }: ConnectionHistory, at: number): boolean {
  return at >= endedAt && at <= reopenedAt + 1000;
}

/** Troubles that are no missed heartbeats, and are often taken for them. */
export function neighbours(
  broker: BrokerHistory,
  { all }: ApplicationHistories,
  inThread: ReadonlyMap<string, SourceOption>,
): Trouble[] {
  const moments = [...all.values()].flatMap((history) => history.moments);
  const lines = (...kinds: readonly string[]) =>
    moments.filter(({ kind }) => kinds.includes(kind)).map(({ ref }) => ref);
  const found: [TroubleKind, LineRef[]][] = [
    [
      'shared socket',
      [...broker.momentsOf('unexpected frame').map(({ ref }) => ref), ...lines('forked', 'unexpected frame')],
    ],
    ['cross thread', lines('cross thread')],
    ['dead reply queue', lines('reply undeliverable')],
    [
      'option that will go',
      [...inThread.values()].filter(({ value }) => value !== 'off').map(({ ref }) => ref),
    ],
  ];
  return found.flatMap(([kind, shown]) =>
    shown.length === 0
      ? []
      : [{ kind, count: shown.length, shownBy: shown.slice(0, MOST_LINES), because: [], against: [] }],
  );
}
