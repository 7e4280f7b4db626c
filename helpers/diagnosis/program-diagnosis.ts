import { type LoggedBy, loggers } from '../evidence/evidence.ts';
import { median } from '../evidence/median.ts';
import { type BrokerEnding, brokerEndings } from '../logs/rabbitmq-log.ts';
import type { BrokerHistory } from './broker-history.ts';
import type { ConnectionHistory } from './connection-history.ts';
import type { JoinedDrop } from './joined-drop.ts';
import { hourOf, type LogZone } from './log-clock.ts';
import type { SourceOption } from './source-options.ts';
import { timeoutMsOf } from './standstill.ts';
import { MOST_LINES, refsOf, type Trouble } from './trouble.ts';
import type { TroubleKind } from './troubles.ts';
import { isWsgiServer } from './wsgi-server.ts';

/** What was found out about one program of one user. */
export interface ProgramDiagnosis {
  readonly program: string;
  readonly user: string | undefined;
  readonly addresses: readonly string[];
  /** Connections that were opened, as far as the logs show it. */
  readonly opened: number;
  /** Connections that ended, by how. */
  readonly ended: Readonly<Record<BrokerEnding, number>>;
  readonly drops: number;
  /** Drops by process, `ADDRESS PID`. */
  readonly dropsOfProcess: Readonly<Record<string, number>>;
  /** Drops in each hour of the day, from 0, in the diagnosis's zone; 24 numbers. */
  readonly dropsByHour: readonly number[];
  readonly loggedBy: Readonly<Record<LoggedBy, number>>;
  /** Drops of which it could not be told who logged them, by the reason. */
  readonly loggedByUnknown: Readonly<Record<string, number>>;
  /** Drops that a heartbeat logged, whether it was the first or not. */
  readonly heartbeatLines: number;
  readonly reconnected: { readonly count: number; readonly medianMs?: number; readonly maxMs?: number };
  readonly troubles: readonly Trouble[];
}

/** A program of one user at the brokers. */
export interface ProgramKey {
  readonly program: string;
  readonly user: string | undefined;
}

/** What all programs have in common. */
export interface Surroundings {
  readonly broker: BrokerHistory;
  readonly joined: readonly JoinedDrop[];
  /** Drops that are of a machine that stood still. */
  readonly ofStandstill: ReadonlySet<ConnectionHistory>;
  readonly zone: LogZone;
  /** heartbeat_in_pthread, by the source of the log that has it. */
  readonly inThread: ReadonlyMap<string, SourceOption>;
}

/** Concludes about one program. */
export function programDiagnosis(
  { program, user }: ProgramKey,
  surroundings: Surroundings,
): ProgramDiagnosis {
  const { broker, joined, ofStandstill, zone } = surroundings;
  const isOfProgram = (it: ConnectionHistory) => it.program === program && it.user === user;
  const own = joined.filter(({ drop }) => isOfProgram(drop));
  const ends = broker.otherEnds.filter(isOfProgram);
  const counts = broker.programs.get(`${program}\n${user ?? ''}`);
  const hours = Array.from({ length: 24 }, () => 0);
  const dropsOfProcess: Record<string, number> = {};
  for (const { drop } of own) {
    const hour = hourOf(drop.endedAt, zone);
    hours[hour] = (hours[hour] ?? 0) + 1;
    const process = `${drop.address} ${drop.pid ?? '?'}`;
    dropsOfProcess[process] = (dropsOfProcess[process] ?? 0) + 1;
  }
  const loggedByUnknown: Record<string, number> = {};
  for (const { unknown } of own) if (unknown) loggedByUnknown[unknown] = (loggedByUnknown[unknown] ?? 0) + 1;
  const drops = counts?.ended.get('missed heartbeats') ?? own.length;
  return {
    program,
    user,
    addresses: [...new Set([...own.map(({ drop }) => drop.address), ...ends.map(({ address }) => address)])],
    opened: counts?.opened ?? 0,
    ended: forEach(brokerEndings, (how) => counts?.ended.get(how) ?? 0),
    drops,
    dropsOfProcess,
    dropsByHour: hours,
    loggedBy: forEach(loggers, (logger) => own.filter(({ loggedBy }) => loggedBy === logger).length),
    loggedByUnknown,
    heartbeatLines: own.filter(({ hasHeartbeatLine }) => hasHeartbeatLine).length,
    reconnected: reconnectsOf(own),
    troubles: [
      ...ofDrops(
        program,
        own.filter(({ drop }) => !ofStandstill.has(drop)),
        surroundings,
      ),
      ...ofEnds(ends),
    ],
  };
}

function forEach<Key extends string>(keys: readonly Key[], of: (key: Key) => number): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<Key, number>;
}

function reconnectsOf(own: readonly JoinedDrop[]): ProgramDiagnosis['reconnected'] {
  const delays = own.flatMap(({ drop: { endedAt, reopenedAt } }) =>
    reopenedAt === undefined ? [] : [reopenedAt - endedAt],
  );
  if (delays.length === 0) return { count: 0 };
  const maxMs = delays.reduce((a, b) => Math.max(a, b), 0);
  return { count: delays.length, medianMs: median(delays) ?? 0, maxMs };
}

function ofDrops(program: string, drops: readonly JoinedDrop[], surroundings: Surroundings): Trouble[] {
  if (drops.length === 0) return [];
  const all = drops.map(({ drop }) => drop);
  if (program === '') {
    const because = ['the lines of the broker that were given do not name the clients'];
    return [{ kind: 'unexplained drop', count: drops.length, shownBy: refsOf(all), because, against: [] }];
  }
  if (!isWsgiServer(program)) {
    return [
      { kind: 'independent service', count: drops.length, shownBy: refsOf(all), because: [], against: [] },
    ];
  }
  const signs = drops.map(signOf);
  const of = (sign: Sign) => drops.filter((_, index) => signs[index] === sign);
  const away = of('away');
  return [
    ...ofAway(away),
    ...ofHeartbeat(
      drops.filter((drop) => !away.includes(drop)),
      { late: of('late'), request: of('request'), silent: of('silent'), quick: of('quick') },
      optionWords(drops, surroundings),
    ),
  ];
}

function ofAway(drops: readonly JoinedDrop[]): Trouble[] {
  if (drops.length === 0) return [];
  return [
    {
      kind: 'network',
      count: drops.length,
      shownBy: [
        ...refsOf(drops.map(({ drop }) => drop)).slice(0, 3),
        ...drops.flatMap(({ ref }) => ref ?? []),
      ].slice(0, MOST_LINES),
      because: [`${drops.length} dropped processes tried to reach the broker, and could not`],
      against: [],
    },
  ];
}

/** The drops of a WSGI server, by what they say about its heartbeat. */
function ofHeartbeat(
  drops: readonly JoinedDrop[],
  { late, request, silent, quick }: Record<'late' | 'request' | 'silent' | 'quick', JoinedDrop[]>,
  option: { readonly because: readonly string[]; readonly against: readonly string[] },
): Trouble[] {
  if (drops.length === 0) return [];
  const shown = [...late, ...request, ...silent];
  const isShown = shown.length > 0 && shown.length >= quick.length * 3;
  const sentence = (these: readonly JoinedDrop[], words: string) =>
    these.length === 0 ? [] : [`${these.length} of ${drops.length} ${words}`];
  const supporting = [
    ...sentence(late, 'came back later than a heartbeat that runs would have brought them back'),
    ...sentence(request, 'were first noticed by a request'),
    ...sentence(silent, 'were noticed by nobody, though the process’s log goes on'),
    ...option.because,
  ];
  const opposing = [
    ...sentence(quick, 'came back within half a timeout, and no request is known that did it'),
    ...option.against,
  ];
  return [
    {
      kind: isShown ? 'green heartbeat' : 'unexplained drop',
      count: drops.length,
      shownBy:
        shown.length > 0
          ? [
              ...refsOf(shown.map(({ drop }) => drop)).slice(0, 3),
              ...shown.flatMap(({ ref }) => ref ?? []).slice(0, 2),
            ]
          : refsOf(drops.map(({ drop }) => drop)),
      because: isShown ? supporting : [...supporting, ...opposing],
      against: isShown ? opposing : [],
    },
  ];
}

/** What the application's own log says of the option that gives the heartbeat a native thread. */
function optionWords(drops: readonly JoinedDrop[], { inThread }: Surroundings) {
  const sources = new Set(drops.flatMap(({ source }) => source ?? []));
  const options = [...sources].flatMap((source) => inThread.get(source) ?? []);
  const where = ({ ref: { file, line } }: SourceOption) => `(${file}:${line})`;
  const values = {
    on: 'is on, and a native heartbeat does not wait for requests',
    set: 'is set, and if it is on, the heartbeat is native and does not wait for requests',
  };
  return {
    because: options.flatMap((it) => (it.value === 'off' ? `heartbeat_in_pthread is off ${where(it)}` : [])),
    against: options.flatMap((it) =>
      it.value === 'off' ? [] : `heartbeat_in_pthread ${values[it.value]} ${where(it)}`,
    ),
  };
}

/**
 * What a drop says about the heartbeat of its process. `late`: it came back, or was noticed, later than a running
 * heartbeat would have; `quick`: as soon as one would have; `away`: the broker could not be reached.
 */
type Sign = 'late' | 'request' | 'silent' | 'quick' | 'away' | 'none';

/** A running heartbeat looks at the connection at least twice in a timeout. */
function signOf({ drop, loggedBy, loggedAt, besideRequest, isAway }: JoinedDrop): Sign {
  if (isAway) return 'away';
  if (loggedBy === 'request') return 'request';
  if (loggedBy === 'nobody') return 'silent';
  const times = [drop.reopenedAt, loggedAt].filter((it) => it !== undefined);
  if (times.length === 0) return 'none';
  if (Math.min(...times) - drop.endedAt > timeoutMsOf(drop) / 2) return 'late';
  return besideRequest ? 'none' : 'quick';
}

function ofEnds(ends: readonly ConnectionHistory[]): Trouble[] {
  const of = (how: ConnectionHistory['ended']) => ends.filter(({ ended }) => ended === how);
  const kinds: [TroubleKind, ConnectionHistory[]][] = [
    ['client gone', of('lost by the client')],
    ['network', of('network error')],
  ];
  return kinds.flatMap(([kind, all]) =>
    all.length === 0 ? [] : [{ kind, count: all.length, shownBy: refsOf(all), because: [], against: [] }],
  );
}
