import { grouped } from '../config/grouped.ts';
import type { LogEntry } from '../evidence/application-log.ts';
import type { BrokerConnection } from '../evidence/broker-log.ts';
import { dropsOf, matchDrops } from '../evidence/drops.ts';
import type { LoggedBy } from '../evidence/evidence.ts';
import type { ApplicationHistory, MessagingMoment } from './application-history.ts';
import type { BrokerHistory } from './broker-history.ts';
import type { ClockOffset } from './clock-offset.ts';
import type { ConnectionHistory, LineRef } from './connection-history.ts';

/** A drop, and what the application's log says about it. */
export interface JoinedDrop {
  readonly drop: ConnectionHistory;
  /** Undefined: could not be told. */
  readonly loggedBy: LoggedBy | undefined;
  /** Why it could not be told. */
  readonly unknown?:
    | 'no log of the application'
    | 'clocks'
    | 'log does not cover it'
    | 'log has gaps'
    | 'log has no level INFO'
    | 'line missing'
    | undefined;
  /** By the broker's clock. */
  readonly loggedAt?: number | undefined;
  /** Whether the heartbeat logged it, first or later. */
  readonly hasHeartbeatLine?: boolean | undefined;
  /** Whether the process tried to reach the broker before it came back, and could not. */
  readonly isAway?: boolean | undefined;
  /** The application's log, by its source. */
  readonly source?: string | undefined;
  readonly ref?: LineRef | undefined;
  /** Whether the process answered a request within a second of that line; undefined: the log has no requests. */
  readonly besideRequest?: boolean | undefined;
}

/** An application's log, and how its times become the broker's. */
export interface TimedApplication {
  readonly history: ApplicationHistory;
  readonly offset: ClockOffset | undefined;
}

/** The drops of one program and user from one address: their processes have different ids. */
type DropGroup = readonly ConnectionHistory[];

/** A line that comes this long after the new connection is another's. */
const AFTERTHOUGHT_MS = 2000;
const BESIDE_MS = 1000;

/** Which log is whose, and who logged each drop. */
export interface Joined {
  readonly drops: readonly JoinedDrop[];
  /** Lines of lost connections that match no drop, with their time by the broker's clock if that is known. */
  readonly alone: readonly {
    readonly moment: MessagingMoment;
    readonly at: number | undefined;
    readonly source: string;
  }[];
}

/** Joins the drops of the brokers' logs with the lines of the applications' logs. */
export function join(broker: BrokerHistory, applications: readonly TimedApplication[]): Joined {
  const groups = groupsOf(broker.drops);
  const found = new Map<ConnectionHistory, JoinedDrop>();
  const matched = new Set<MessagingMoment>();
  for (const { history, offset } of applications) {
    if (!offset) continue;
    for (const group of groups) {
      if (!isOfGroup(history, offset.addMs, group, groups, broker)) continue;
      for (const joined of joinGroup(history, offset.addMs, group, broker.last ?? 0, matched)) {
        const before = found.get(joined.drop);
        if (!before || (before.loggedBy === undefined && joined.loggedBy !== undefined))
          found.set(joined.drop, joined);
      }
    }
  }
  const why = whyUnknown(applications);
  return {
    drops: broker.drops.map((drop) => found.get(drop) ?? { drop, loggedBy: undefined, unknown: why }),
    alone: applications.flatMap(({ history, offset }) =>
      history.moments
        .filter((moment) => isOfLoss(moment) && !matched.has(moment))
        .map((moment) => ({ moment, at: offset && moment.at + offset.addMs, source: history.source })),
    ),
  };
}

function whyUnknown(applications: readonly TimedApplication[]): JoinedDrop['unknown'] {
  if (applications.length === 0) return 'no log of the application';
  return applications.every(({ offset }) => offset === undefined) ? 'clocks' : 'no log of the application';
}

function isOfLoss({ kind }: Pick<MessagingMoment, 'kind'>): boolean {
  return kind === 'heartbeat lost it' || kind === 'unreachable';
}

function groupsOf(drops: readonly ConnectionHistory[]): DropGroup[] {
  const named = drops.filter(({ pid }) => pid !== undefined);
  return [...grouped(named, ({ address, program, user }) => [address, program, user].join('\n')).values()];
}

/**
 * Whether an application's log is that of a group's processes. Process ids alone do not show it, because those of
 * containers are alike: a connection's id or port must be in both logs, or a line and a reconnect at the same moment.
 */
function isOfGroup(
  history: ApplicationHistory,
  addMs: number,
  drops: DropGroup,
  groups: readonly DropGroup[],
  broker: BrokerHistory,
): boolean {
  const ids = new Set(drops.map(({ id }) => id));
  if (history.moments.some(({ connectionId }) => connectionId !== undefined && ids.has(connectionId)))
    return true;
  const own = coincidences(history, addMs, drops);
  if (own === 0) return onlyGroupWithAllPids(history, drops, groups, broker);
  const best = Math.max(...groups.map((group) => coincidences(history, addMs, group)));
  return own === best || (own >= ENOUGH && own * 2 >= best);
}

/** Lines of a heartbeat at the moment at which its process reconnected. */
function coincidences(history: ApplicationHistory, addMs: number, drops: DropGroup): number {
  const tolerance = CLOCK_ERROR_MS + history.precisionMs;
  const lines = history.moments.filter(({ kind, pid }) => kind === 'heartbeat lost it' && pid !== undefined);
  const byPid = grouped(lines, ({ pid }) => pid);
  return drops.filter(
    ({ pid, reopenedAt }) =>
      reopenedAt !== undefined &&
      (byPid.get(pid) ?? []).some(({ at }) => Math.abs(at + addMs - reopenedAt) <= tolerance),
  ).length;
}

const ENOUGH = 3;

/** Three processes or more with the same ids, and no other program at the broker that has them. */
function onlyGroupWithAllPids(
  history: ApplicationHistory,
  drops: DropGroup,
  groups: readonly DropGroup[],
  { openings }: Pick<BrokerHistory, 'openings'>,
): boolean {
  if (groups.length > 1) return false;
  const pids = new Set(openings.map(({ pid }) => pid));
  const owners = new Set(openings.map(({ program }) => program));
  const own = new Set(drops.map(({ pid }) => pid as number));
  return owners.size <= 1 && own.size >= ENOUGH && [...pids].every((pid) => history.alive.has(pid ?? -1));
}

function joinGroup(
  history: ApplicationHistory,
  addMs: number,
  drops: DropGroup,
  endOfBrokerLog: number,
  matched: Set<MessagingMoment>,
): JoinedDrop[] {
  const covered = coverage(history, addMs, endOfBrokerLog);
  return [...grouped(drops, ({ pid }) => pid as number)].flatMap(([pid, ofPid]) => {
    const moments = history.moments.filter((moment) => moment.pid === pid && isOfLoss(moment));
    const connections = ofPid.flatMap(asConnections).sort((a, b) => a.openedAt - b.openedAt);
    const entries = new Map(
      moments.map((moment) => [entryOf(moment, snapped(moment, addMs, history, ofPid)), moment] as const),
    );
    const matchesOf = (kind: MessagingMoment['kind']) => {
      const lines = [...entries].filter(([, moment]) => moment.kind === kind).map(([entry]) => entry);
      const all = matchDrops(lines, connections);
      for (const [index, { drop }] of all.entries()) {
        const moment = entries.get(lines[index] as LogEntry);
        if (drop && moment) matched.add(moment);
      }
      return all;
    };
    const lines = { heartbeat: matchesOf('heartbeat lost it'), request: matchesOf('unreachable') };
    const told = dropsOf(connections, lines);
    const { source } = history;
    return ofPid.map((drop): JoinedDrop => {
      const unknown = (why: JoinedDrop['unknown']) => ({ drop, source, loggedBy: undefined, unknown: why });
      const of = told.find(({ connection, at }) => connection === drop.name && at === drop.endedAt);
      if (of?.loggedAt !== undefined) {
        const moment = [...entries].find(([{ at }]) => at === of.loggedAt)?.[1];
        const besideRequest = moment && isBesideRequest(history, pid, moment.at);
        const hasHeartbeatLine = lines.heartbeat.some(
          ({ drop: its }) => its?.connection === drop.name && its.at === drop.endedAt,
        );
        const isAway = moments.some((it) => isUnreachable(it) && isBetween(it.at + addMs, drop));
        const { loggedBy, loggedAt } = of;
        if (loggedBy !== 'heartbeat' && !history.hasInfo) return unknown('log has no level INFO');
        return {
          drop,
          source,
          loggedBy,
          loggedAt,
          ref: moment?.ref,
          besideRequest,
          hasHeartbeatLine,
          isAway,
        };
      }
      if (!history.hasInfo) return unknown('log has no level INFO');
      if (!covered(drop.endedAt)) return unknown('log does not cover it');
      // A process that reconnected has logged why. If the line is not there, the log is not whole.
      if (history.gaps.hasAfter(drop.endedAt - addMs)) return unknown('log has gaps');
      return drop.reopenedAt === undefined || hasLineNear(history, pid, drop, addMs)
        ? { drop, source, loggedBy: 'nobody' }
        : unknown('line missing');
    });
  });
}

// A connection that the broker closed is reset. These errors are of a broker that cannot be reached at all.
const AWAY = /timed out|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNREFUSED|[Nn]o route to host|is unreachable/;

function isUnreachable({ kind, reason = '' }: MessagingMoment): boolean {
  return kind === 'unreachable' && AWAY.test(reason);
}

/** Whether a time is between a drop and the process's next connection. */
function isBetween(
  at: number,
  { endedAt, reopenedAt = Number.POSITIVE_INFINITY }: ConnectionHistory,
): boolean {
  return at >= endedAt && at <= reopenedAt;
}

function hasLineNear(
  history: ApplicationHistory,
  pid: number,
  drop: ConnectionHistory,
  addMs: number,
): boolean {
  const until = (drop.reopenedAt ?? 0) + AFTERTHOUGHT_MS;
  return history.moments.some(
    (moment) =>
      moment.pid === pid &&
      isOfLoss(moment) &&
      moment.at + addMs >= drop.endedAt &&
      moment.at + addMs <= until,
  );
}

/** The application's log may end this long before the broker's and still count as going on as long. */
const SAME_END_MS = 2000;

/** Whether the log begins before a time, and goes on to the end of the broker's: a line may come late. */
function coverage(
  { alive }: ApplicationHistory,
  addMs: number,
  endOfBrokerLog: number,
): (at: number) => boolean {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const it of alive.values()) {
    first = Math.min(first, it.first + addMs);
    last = Math.max(last, it.last + addMs);
  }
  return (at) => at >= first && last >= endOfBrokerLog - SAME_END_MS;
}

function isBesideRequest({ requests }: ApplicationHistory, pid: number, at: number): boolean | undefined {
  if (requests.size === 0) return undefined;
  return (requests.get(pid) ?? []).some((time) => Math.abs(time - at) <= BESIDE_MS);
}

/** A drop as the cell's reader has it, and the connection that came after it. */
function asConnections(drop: ConnectionHistory): BrokerConnection[] {
  const { name, pid, peer, user = '', openedAt = Number.NEGATIVE_INFINITY, endedAt, reopenedAt } = drop;
  const common = { process: '', user, name, pid, peer };
  const dropped = { ...common, openedAt, endedAt, droppedAt: endedAt };
  return reopenedAt === undefined ? [dropped] : [dropped, { ...common, openedAt: reopenedAt }];
}

function entryOf({ pid = 0, level, logger }: MessagingMoment, at: number): LogEntry {
  return { at, pid, level, logger, message: '', line: '', continuation: [] };
}

/** How much later than the reconnect a line may seem to be that was logged before it. */
const CLOCK_ERROR_MS = 50;

/**
 * A line's time by the broker's clock. A line that seems to be a moment after the reconnect that it led to, or before
 * the drop that it is about, because clocks and whole seconds are not exact, is put where it belongs.
 */
function snapped(
  { at, kind }: MessagingMoment,
  addMs: number,
  { precisionMs }: ApplicationHistory,
  drops: readonly ConnectionHistory[],
): number {
  const time = at + addMs;
  // A process with many connections has others that the line may be of, and needs no other time for that.
  const isOfAnother = drops.some(
    ({ endedAt, reopenedAt = Number.POSITIVE_INFINITY }) => endedAt <= time && time < reopenedAt,
  );
  // A request's line is a second before its reconnect. A line at that moment is of another connection.
  const reconnected = drops.find(
    ({ reopenedAt }) =>
      kind === 'heartbeat lost it' &&
      !isOfAnother &&
      reopenedAt !== undefined &&
      time >= reopenedAt &&
      time <= reopenedAt + CLOCK_ERROR_MS + precisionMs,
  );
  if (reconnected?.reopenedAt !== undefined) return reconnected.reopenedAt - 1;
  const dropped =
    precisionMs > 1 && drops.find(({ endedAt }) => time < endedAt && time + precisionMs >= endedAt);
  return dropped ? dropped.endedAt : time;
}
