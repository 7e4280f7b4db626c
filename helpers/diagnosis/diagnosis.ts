import { type LoggedBy, loggers } from '../evidence/evidence.ts';
import { median } from '../evidence/median.ts';
import { type ApplicationHistories, votedZoneMs } from './application-history.ts';
import { type BrokerHistory, type Opening, restartKinds } from './broker-history.ts';
import { type ClockOffset, clockOffset } from './clock-offset.ts';
import type { ConnectionHistory, LineRef } from './connection-history.ts';
import { type JoinedDrop, join } from './joined-drop.ts';
import { type Standstill, standstills, timeoutMsOf } from './standstill.ts';
import type { TroubleKind } from './troubles.ts';
import { isWsgiServer } from './wsgi-server.ts';

/** Something that is wrong, the lines that show it, and the facts for and against it. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** How many connections, messages or moments it is about. */
  readonly count: number;
  readonly shownBy: readonly LineRef[];
  /** The facts in words, a sentence each. */
  readonly because: readonly string[];
  readonly against: readonly string[];
}

/** What was found out about one program of one user. */
export interface ProgramDiagnosis {
  readonly program: string;
  readonly user: string | undefined;
  readonly addresses: readonly string[];
  /** Connections that were opened, according to the logs. */
  readonly opened: number;
  readonly drops: number;
  /** Drops by process, `ADDRESS PID`. */
  readonly dropsOfProcess: Readonly<Record<string, number>>;
  /** Drops in each hour of the day, UTC: 24 numbers, the first for the hour after midnight. */
  readonly dropsByHour: readonly number[];
  readonly loggedBy: Readonly<Record<LoggedBy, number>>;
  /** Drops for which it is unknown what logged them, by the reason. */
  readonly loggedByUnknown: Readonly<Record<string, number>>;
  readonly reconnected: { readonly count: number; readonly medianMs?: number; readonly maxMs?: number };
  readonly troubles: readonly Trouble[];
}

/** How the log of one application relates to the broker's clock. */
export interface SourceDiagnosis {
  readonly source: string;
  readonly offset: ClockOffset | undefined;
  readonly requests: number;
  readonly slowRequests: number;
  readonly failedRequests: number;
}

export const outcomes = ['found', 'nothing found', 'could not tell'] as const;

/** Everything that the logs say. */
export interface Diagnosis {
  readonly outcome: (typeof outcomes)[number];
  readonly programs: readonly ProgramDiagnosis[];
  /** Troubles that belong to no single program. */
  readonly troubles: readonly Trouble[];
  readonly sources: readonly SourceDiagnosis[];
  readonly brokers: readonly string[];
  /** Lines that report that RabbitMQ dropped log lines. If there are any, all counts are lower bounds. */
  readonly lowerBounds: readonly LineRef[];
  /** The time that the broker's log covers, milliseconds since the epoch. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

const MOST_LINES = 5;

/**
 * Draws the conclusions from the logs of brokers and applications. Either may be missing.
 *
 * @param zoneMs the zone of logs that name none, if the user gave it: milliseconds ahead of UTC.
 */
export function diagnose(
  broker: BrokerHistory,
  applications: ApplicationHistories,
  zoneMs: number | undefined,
): Diagnosis {
  const timed = [...applications.all.values()].map((history) => ({
    history,
    offset: clockOffset(history, broker, history.isZoned ? 0 : (zoneMs ?? votedZoneMs(history))),
  }));
  const joined = join(broker, timed);
  const together = standstills(broker.drops);
  const ofStandstill = new Set(together.flatMap(({ drops }) => drops));
  const restarts = broker.momentsOf(...restartKinds);
  const programs = programsOf(broker, joined.drops).map((it) =>
    programDiagnosis(it, broker, joined.drops, ofStandstill),
  );
  const shared: Trouble[] = [];
  if (together.length > 0) shared.push(standstillTrouble(together));
  const [openings, ends, drops] = [byPid(broker.openings), byPid(broker.otherEnds), byPid(broker.drops)];
  const isOfRestart = (at: number | undefined, pid: number | undefined) =>
    at !== undefined && restarts.some((it) => endedByRestart(it.at, at, openings.get(pid) ?? []));
  const isOfOtherEnd = (at: number | undefined, pid: number | undefined) =>
    at !== undefined &&
    (ends.get(pid) ?? []).some(({ endedAt }) => at >= endedAt - 500 && at - endedAt <= OTHER_END_MS);
  const isEcho = (at: number | undefined, pid: number | undefined) =>
    at !== undefined && (drops.get(pid) ?? []).some((drop) => isEchoOf(drop, at));
  const byRestart = joined.unmatched.filter(({ at, moment }) => isOfRestart(at, moment.pid));
  const unexplained = joined.unmatched.filter(
    ({ at, moment: { pid } }) => !isOfRestart(at, pid) && !isOfOtherEnd(at, pid) && !isEcho(at, pid),
  );
  if (byRestart.length > 0) {
    shared.push({
      kind: 'broker restart',
      count: byRestart.length,
      shownBy: [
        ...restarts.slice(0, 2).map(({ ref }) => ref),
        ...byRestart.map(({ moment }) => moment.ref),
      ].slice(0, MOST_LINES),
      because: [
        `${byRestart.length} lines report the loss of connections that were open when the broker stopped`,
      ],
      against: [],
    });
  }
  if (unexplained.length > 0) {
    shared.push({
      kind: 'unexplained loss',
      count: unexplained.length,
      shownBy: unexplained.map(({ moment }) => moment.ref).slice(0, MOST_LINES),
      because: [
        `${unexplained.length} lines report lost connections, but no broker’s log has a drop that matches`,
      ],
      against: [],
    });
  }
  shared.push(...otherTroubles(broker, applications));
  return {
    outcome: outcomeOf(broker, programs, shared),
    programs,
    troubles: shared,
    sources: timed.map(({ history, offset }) => ({
      source: history.source,
      offset,
      requests: history.countedRequests,
      slowRequests: history.slowRequests,
      failedRequests: history.failedRequests,
    })),
    brokers: [...broker.brokers],
    lowerBounds: broker.momentsOf('log lines dropped').map(({ ref }) => ref),
    from: broker.first,
    to: broker.last,
  };
}

const MOST_MOMENTS = 5;

/** One trouble for all standstills, with the largest as examples. */
function standstillTrouble(together: readonly Standstill[]): Trouble {
  const largest = [...together].sort((a, b) => b.drops.length - a.drops.length).slice(0, MOST_MOMENTS);
  return {
    kind: 'standstill',
    count: together.reduce((sum, { drops }) => sum + drops.length, 0),
    shownBy: largest.flatMap(({ drops }) => refs(drops).slice(0, 3)).slice(0, MOST_LINES),
    because: largest.map(({ at, drops, address }) => {
      const where = address === undefined ? 'of several hosts' : `of ${address}`;
      const names = [...new Set(drops.map(({ program }) => program))].join(', ');
      return `${drops.length} connections ${where} were dropped together at ${iso(at)}: ${names}`;
    }),
    against: [],
  };
}

const RESTART_MS = 60_000;
const CLOCK_MS = 2000;

/** Whether a restart ended a line's connection: the process opened no connection between the restart and the line. */
function endedByRestart(restart: number | undefined, at: number, own: readonly Opening[]): boolean {
  if (restart === undefined || at < restart - CLOCK_MS) return false;
  if (!own.some((it) => it.at < restart))
    return at - restart <= RESTART_MS && own.every((it) => it.at > at - CLOCK_MS);
  return !own.some((it) => it.at >= restart && it.at < at - CLOCK_MS);
}
const OTHER_END_MS = 10 * 60_000;

/** Whether a line repeats a known drop, because the library of 2019 warns until a request reconnects. */
function isEchoOf({ endedAt, reopenedAt = endedAt }: ConnectionHistory, at: number): boolean {
  return at >= endedAt && at <= reopenedAt + 1000;
}

function byPid<Owned extends { readonly pid?: number | undefined }>(all: readonly Owned[]) {
  const groups = new Map<number | undefined, Owned[]>();
  for (const each of all) {
    const group = groups.get(each.pid);
    if (group) group.push(each);
    else groups.set(each.pid, [each]);
  }
  return groups;
}

function outcomeOf(
  { brokers, programs: counted }: BrokerHistory,
  programs: readonly ProgramDiagnosis[],
  shared: readonly Trouble[],
): Diagnosis['outcome'] {
  if (programs.some(({ drops }) => drops > 0)) return 'found';
  const kinds = [...shared, ...programs.flatMap(({ troubles }) => troubles)].map(({ kind }) => kind);
  if (kinds.some((kind) => kind !== 'unexplained loss')) return 'found';
  if (kinds.length > 0) return 'could not tell';
  return brokers.size > 0 && counted.size > 0 ? 'nothing found' : 'could not tell';
}

interface ProgramKey {
  readonly program: string;
  readonly user: string | undefined;
}

function programsOf(broker: BrokerHistory, drops: readonly JoinedDrop[]): ProgramKey[] {
  const keys = new Map<string, ProgramKey>();
  for (const { program, user } of [
    ...broker.programs.values(),
    ...drops.map(({ drop }) => drop),
    ...broker.otherEnds,
  ]) {
    keys.set(`${program}\n${user ?? ''}`, { program, user });
  }
  return [...keys.values()];
}

function programDiagnosis(
  { program, user }: ProgramKey,
  broker: BrokerHistory,
  joined: readonly JoinedDrop[],
  ofStandstill: ReadonlySet<ConnectionHistory>,
): ProgramDiagnosis {
  const isOfProgram = (it: ConnectionHistory) => it.program === program && it.user === user;
  const own = joined.filter(({ drop }) => isOfProgram(drop));
  const ends = broker.otherEnds.filter(isOfProgram);
  const counts = broker.programs.get(`${program}\n${user ?? ''}`);
  const delays = own.flatMap(({ drop: { endedAt, reopenedAt } }) =>
    reopenedAt === undefined ? [] : [reopenedAt - endedAt],
  );
  const hours = Array.from({ length: 24 }, () => 0);
  const dropsOfProcess: Record<string, number> = {};
  for (const { drop } of own) {
    const hour = new Date(drop.endedAt).getUTCHours();
    hours[hour] = (hours[hour] ?? 0) + 1;
    const process = `${drop.address} ${drop.pid ?? '?'}`;
    dropsOfProcess[process] = (dropsOfProcess[process] ?? 0) + 1;
  }
  const loggedByUnknown: Record<string, number> = {};
  for (const { unknown } of own) if (unknown) loggedByUnknown[unknown] = (loggedByUnknown[unknown] ?? 0) + 1;
  const count = (logger: LoggedBy) => own.filter(({ loggedBy }) => loggedBy === logger).length;
  return {
    program,
    user,
    addresses: [...new Set([...own.map(({ drop }) => drop.address), ...ends.map(({ address }) => address)])],
    opened: counts?.opened ?? 0,
    drops: counts?.ended.get('missed heartbeats') ?? own.length,
    dropsOfProcess,
    dropsByHour: hours,
    loggedBy: Object.fromEntries(loggers.map((logger) => [logger, count(logger)])) as Record<
      LoggedBy,
      number
    >,
    loggedByUnknown,
    reconnected:
      delays.length === 0
        ? { count: 0 }
        : {
            count: delays.length,
            medianMs: median(delays) ?? 0,
            maxMs: delays.reduce((a, b) => Math.max(a, b), 0),
          },
    troubles: [
      ...dropTroubles(
        program,
        own.filter(({ drop }) => !ofStandstill.has(drop)),
      ),
      ...endTroubles(ends),
    ],
  };
}

function dropTroubles(program: string, drops: readonly JoinedDrop[]): Trouble[] {
  if (drops.length === 0) return [];
  const all = drops.map(({ drop }) => drop);
  if (!isWsgiServer(program)) {
    return [
      { kind: 'independent service', count: drops.length, shownBy: refs(all), because: [], against: [] },
    ];
  }
  const signs = drops.map(signOf);
  const of = (sign: Sign) => drops.filter((_, index) => signs[index] === sign);
  const [late, request, silent, quick] = [of('late'), of('request'), of('silent'), of('quick')];
  const shown = [...late, ...request, ...silent];
  const isShown = shown.length > 0 && shown.length >= quick.length * 3;
  const sentence = (these: readonly JoinedDrop[], words: string) =>
    these.length === 0 ? [] : [`${these.length} of ${drops.length} ${words}`];
  const supporting = [
    ...sentence(late, 'were logged or reconnected later than a running heartbeat would have done'),
    ...sentence(request, 'were first noticed by a request'),
    ...sentence(silent, 'were logged by nobody, although the process’s log continues'),
  ];
  const opposing = sentence(
    quick,
    'were logged or reconnected within half a timeout, and no request is known to have done it',
  );
  return [
    {
      kind: isShown ? 'green heartbeat' : 'unexplained drop',
      count: drops.length,
      shownBy:
        shown.length > 0
          ? [
              ...refs(shown.map(({ drop }) => drop)).slice(0, 3),
              ...shown.flatMap(({ ref }) => ref ?? []).slice(0, 2),
            ]
          : refs(all),
      because: isShown ? supporting : [...supporting, ...opposing],
      against: isShown ? opposing : [],
    },
  ];
}

/**
 * What a drop shows about the heartbeat of its process.
 *
 * - `late`: the process logged it or reconnected later than a running heartbeat does.
 * - `quick`: the process did so as soon as a running heartbeat does.
 * - `request`: a request logged it first. `silent`: nobody logged it. `none`: it shows nothing.
 */
type Sign = 'late' | 'request' | 'silent' | 'quick' | 'none';

/** A running heartbeat checks the connection at least twice in a timeout. */
function signOf({ drop, loggedBy, loggedAt, besideRequest }: JoinedDrop): Sign {
  if (loggedBy === 'request') return 'request';
  if (loggedBy === 'nobody') return 'silent';
  const times = [drop.reopenedAt, loggedAt].filter((it) => it !== undefined);
  if (times.length === 0) return 'none';
  if (Math.min(...times) - drop.endedAt > timeoutMsOf(drop) / 2) return 'late';
  return besideRequest ? 'none' : 'quick';
}

function endTroubles(ends: readonly ConnectionHistory[]): Trouble[] {
  const of = (how: ConnectionHistory['ended']) => ends.filter(({ ended }) => ended === how);
  const kinds: [TroubleKind, ConnectionHistory[]][] = [
    ['client gone', of('lost by the client')],
    ['network', of('network error')],
  ];
  return kinds.flatMap(([kind, all]) =>
    all.length === 0 ? [] : [{ kind, count: all.length, shownBy: refs(all), because: [], against: [] }],
  );
}

/** Other troubles, which are often mistaken for missed heartbeats. */
function otherTroubles(broker: BrokerHistory, { all }: ApplicationHistories): Trouble[] {
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
  ];
  return found.flatMap(([kind, shown]) =>
    shown.length === 0
      ? []
      : [{ kind, count: shown.length, shownBy: shown.slice(0, MOST_LINES), because: [], against: [] }],
  );
}

function refs(all: readonly ConnectionHistory[]): LineRef[] {
  return all.slice(0, MOST_LINES).map(({ ref }) => ref);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
