import { count } from '../../config/count.ts';
import { grouped } from '../../config/grouped.ts';
import { type LoggedBy, loggers } from '../../evidence/evidence.ts';
import { median } from '../../evidence/median.ts';
import { type BrokerEnding, brokerEndings } from '../../logs/rabbitmq-log.ts';
import type { BrokerHistory, ProgramCounts } from '../history/broker-history.ts';
import type { ConnectionHistory } from '../history/connection-history.ts';
import type { JoinedDrop } from '../join/joined-drop.ts';
import type { SourceOption } from '../join/source-options.ts';
import { type DropSign, dropSigns, optionOf, type SignContext, signOf } from './drop-sign.ts';
import { hourOf, type LogZone } from './log-clock.ts';
import { looksLikeBreak } from './standstill.ts';
import { refsOf, type Trouble, troubleOf } from './trouble.ts';
import { roleOf, whyRoleUnknown } from './wsgi-server.ts';

/** What the logs say about one program of one user. */
export interface ProgramDiagnosis {
  readonly program: string;
  readonly user: string | undefined;
  readonly addresses: readonly string[];
  /** Connections that were opened, as far as the logs show it. */
  readonly opened: number;
  /** Connections that ended, by how. */
  readonly ended: Readonly<Record<BrokerEnding, number>>;
  /** AMQP's names of the exceptions because of which the broker closed connections. */
  readonly exceptions: readonly string[];
  readonly drops: number;
  /** Drops by process, `ADDRESS PID` with `?` for what is not known, or `ADDRESS PID LOG` if logs of several services have that process id. */
  readonly dropsOfProcess: Readonly<Record<string, number>>;
  /** Drops by the log of their process, as far as it is known. */
  readonly dropsOfLog: Readonly<Record<string, number>>;
  /** Drops in each hour of the day, from 0, in the diagnosis's zone; 24 numbers. */
  readonly dropsByHour: readonly number[];
  readonly loggedBy: Readonly<Record<LoggedBy, number>>;
  /** How many drops have no known logger, by the reason. */
  readonly loggedByUnknown: Readonly<Record<string, number>>;
  /** Drops that a heartbeat logged, first or later. */
  readonly heartbeatLines: number;
  readonly reconnected: { readonly count: number; readonly medianMs?: number; readonly maxMs?: number };
  readonly troubles: readonly Trouble[];
}

/** What is known besides one program. */
export interface Surroundings extends SignContext {
  readonly broker: BrokerHistory;
  readonly joined: readonly JoinedDrop[];
  /** Drops of a moment at which a machine stood still. */
  readonly ofStandstill: ReadonlySet<ConnectionHistory>;
  /** Drops beside which the brokers of a cluster had trouble with each other. */
  readonly ofCluster: ReadonlySet<ConnectionHistory>;
  readonly zone: LogZone;
}

/** Concludes about one program. */
export function programDiagnosis(
  { program, user, opened, ended }: ProgramCounts,
  surroundings: Surroundings,
): ProgramDiagnosis {
  const { broker, joined, ofStandstill, zone } = surroundings;
  const isOfProgram = (connection: ConnectionHistory) =>
    connection.program === program && connection.user === user;
  const own = joined.filter(({ drop }) => isOfProgram(drop));
  const ends = broker.otherEnds.filter(isOfProgram);
  const hours = own.map(({ drop }) => hourOf(drop.endedAt, zone));
  return {
    program,
    user,
    addresses: [
      ...new Set([...own.map(({ drop }) => drop), ...ends].flatMap(({ address }) => address || [])),
    ],
    opened,
    ended: forEach(brokerEndings, (how) => ended.get(how) ?? 0),
    exceptions: [...new Set(ends.flatMap(({ exception }) => exception || []))],
    drops: ended.get('missed heartbeats') ?? 0,
    dropsOfProcess: tally(own, processNames(own)),
    dropsOfLog: tally(own, ({ source }) => source),
    dropsByHour: Array.from({ length: 24 }, (_, hour) => hours.filter((other) => other === hour).length),
    loggedBy: forEach(loggers, (logger) => own.filter(({ loggedBy }) => loggedBy === logger).length),
    loggedByUnknown: tally(own, ({ unknown }) => unknown),
    heartbeatLines: own.filter(({ hasHeartbeatLine }) => hasHeartbeatLine).length,
    reconnected: reconnectsOf(own),
    troubles: troublesOf(
      own.filter(({ drop }) => !ofStandstill.has(drop)),
      ends,
      surroundings,
    ),
  };
}

/** How many drops have each name; drops without a name are left out. */
function tally(
  drops: readonly JoinedDrop[],
  nameOf: (joined: JoinedDrop) => string | undefined,
): Record<string, number> {
  const names = drops.flatMap((joined) => nameOf(joined) ?? []);
  return Object.fromEntries([...grouped(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

/** The name of a drop's process. Containers of several services on one host have the same process ids. */
function processNames(drops: readonly JoinedDrop[]): (joined: JoinedDrop) => string {
  const plain = ({ drop: { address, pid } }: JoinedDrop) => `${address || '?'} ${pid ?? '?'}`;
  const shared = new Set(
    [...grouped(drops, plain)].flatMap(([name, all]) =>
      new Set(all.flatMap(({ source }) => source ?? [])).size > 1 ? name : [],
    ),
  );
  return (joined) => {
    const name = plain(joined);
    return shared.has(name) && joined.source !== undefined ? `${name} ${joined.source}` : name;
  };
}

function forEach<Key extends string, Value>(
  keys: readonly Key[],
  of: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<Key, Value>;
}

function reconnectsOf(own: readonly JoinedDrop[]): ProgramDiagnosis['reconnected'] {
  const delays = own.flatMap(({ drop: { endedAt, reopenedAt } }) =>
    reopenedAt === undefined ? [] : [reopenedAt - endedAt],
  );
  if (delays.length === 0) return { count: 0 };
  const maxMs = delays.reduce((a, b) => Math.max(a, b), 0);
  return { count: delays.length, medianMs: median(delays) ?? 0, maxMs };
}

type BySign = Readonly<Record<DropSign, readonly JoinedDrop[]>>;

function troublesOf(
  drops: readonly JoinedDrop[],
  ends: readonly ConnectionHistory[],
  surroundings: Surroundings,
): Trouble[] {
  const signs = new Map(drops.map((drop) => [drop, signOf(drop, surroundings)]));
  const bySign = forEach(dropSigns, (sign) => drops.filter((drop) => signs.get(drop) === sign));
  const { replaced, away } = bySign;
  return [
    ...ofOthers(
      drops.filter((drop) => !(replaced.includes(drop) || away.includes(drop))),
      bySign,
      surroundings,
    ),
    ...ofNetwork(
      bySign,
      ends.filter(({ ended }) => ended === 'network error'),
    ),
    ...ofGone(ends.filter(({ ended }) => ended === 'lost by the client')),
  ];
}

/** Drops that are not the network's, by what the program is. */
function ofOthers(drops: readonly JoinedDrop[], bySign: BySign, surroundings: Surroundings): Trouble[] {
  const [first] = drops;
  if (!first) return [];
  const role = roleOf(first.drop);
  if (role === 'WSGI server') return ofHeartbeat(drops, bySign, surroundings);
  const shownBy = refsOf(drops.map(({ drop }) => drop));
  if (role === 'service') return troubleOf('independent service', drops.length, shownBy);
  const why = whyRoleUnknown(first.drop);
  return troubleOf('unexplained drop', drops.length, shownBy, { because: [why ?? false] });
}

function ofNetwork({ away, replaced }: BySign, ends: readonly ConnectionHistory[]): Trouble[] {
  const all = [...ends, ...[...replaced, ...away].map(({ drop }) => drop)];
  const shownBy = [...refsOf(all).slice(0, 3), ...away.flatMap(({ ref }) => ref ?? [])];
  const because = [
    away.length > 0 &&
      `${count(away.length, 'drop')} of a process that tried to reach the broker, and could not`,
    replaced.length > 0 &&
      `${count(replaced.length, 'client')} had opened another connection before the broker dropped the old one`,
  ];
  return troubleOf('network', all.length, shownBy, { because });
}

function ofGone(ends: readonly ConnectionHistory[]): Trouble[] {
  const back = ends.filter((end) => end.reopenedAt !== undefined || end.replacedAt !== undefined);
  const against = [
    back.length > 0 &&
      `${back.length} of ${ends.length} were opened again under the same id: their processes went on, and the client, a load balancer or a firewall had closed the connection`,
  ];
  return troubleOf('client gone', ends.length, refsOf(ends), { against });
}

/** The drops of a WSGI server, by what they say about its heartbeat. */
function ofHeartbeat(drops: readonly JoinedDrop[], bySign: BySign, surroundings: Surroundings): Trouble[] {
  const { late, silent, quick, native, busy, together } = bySign;
  const shown = [...late, ...silent];
  const opposed = [...quick, ...native, ...busy, ...together];
  const isShown = shown.length > 0 && shown.length >= opposed.length * 3;
  const sentence = (these: readonly JoinedDrop[], words: string) =>
    these.length > 0 && `${these.length} of ${drops.length} ${words}`;
  const options = optionWords(drops, surroundings);
  const supporting = [
    sentence([...late, ...native], 'reconnected, or were logged, later than with a running heartbeat'),
    sentence(
      late.filter(({ loggedBy }) => loggedBy === 'request'),
      'were first noticed by a request',
    ),
    sentence(silent, 'were noticed by nobody, though the process’s log goes on'),
    ...options.because,
  ];
  const longest = busy.reduce((most, { busyMs = 0 }) => Math.max(most, busyMs), 0);
  const opposing = [
    sentence(quick, 'came back within half a timeout, and no request is known to have caused it'),
    sentence(
      drops.filter(({ drop, besideRequest }) => {
        const back = surroundings.backTogether.get(drop);
        return back !== undefined && looksLikeBreak(back, besideRequest);
      }),
      'were lost and came back together with other processes, as after a network break',
    ),
    sentence(
      busy,
      `were dropped while their process served a request, of up to ${Math.round(longest / 1000)} s`,
    ),
    sentence(
      drops.filter(({ drop }) => surroundings.ofCluster.has(drop)),
      'were dropped while the brokers had trouble with each other',
    ),
    ...options.against,
  ];
  const unread =
    drops.every(({ source }) => source === undefined) &&
    'no log of the program was read, so a frozen process, container or host would look the same';
  const refs = refsOf((shown.length > 0 ? shown : drops).map(({ drop }) => drop));
  const shownBy =
    shown.length > 0 ? [...refs.slice(0, 3), ...shown.flatMap(({ ref }) => ref ?? []).slice(0, 2)] : refs;
  if (!isShown) {
    const worded = (prefix: string, sentences: readonly (string | false)[]) =>
      sentences.flatMap((sentence) => (sentence ? `${prefix} a stopped heartbeat: ${sentence}` : []));
    return troubleOf('unexplained drop', drops.length, shownBy, {
      because: [...worded('for', supporting), ...worded('against', opposing), unread],
    });
  }
  return troubleOf('green heartbeat', shown.length, shownBy, {
    of: shown.length < drops.length ? drops.length : undefined,
    because: supporting,
    against: [...opposing, unread],
  });
}

/** What the application's log says about heartbeat_in_pthread, for and against a green heartbeat. */
function optionWords(drops: readonly JoinedDrop[], { inThread }: Surroundings) {
  const options = [...new Set(drops.flatMap((drop) => optionOf(drop, inThread) ?? []))];
  const where = ({ ref: { file, line } }: SourceOption) => `(${file}:${line})`;
  const values = {
    on: 'is on (perhaps by default), and a native heartbeat does not wait for requests',
    set: 'is set: if its value is true, the heartbeat is native and does not wait for requests',
  };
  return {
    because: options.flatMap((option) =>
      option.value === 'off' ? `heartbeat_in_pthread is off ${where(option)}` : [],
    ),
    against: options.flatMap((option) =>
      option.value === 'off' ? [] : `heartbeat_in_pthread ${values[option.value]} ${where(option)}`,
    ),
  };
}
