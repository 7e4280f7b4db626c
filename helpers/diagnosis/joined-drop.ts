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
  /** Undefined: unknown. */
  readonly loggedBy: LoggedBy | undefined;
  /** Why it is unknown. */
  readonly unknown?:
    | 'no log of the application'
    | 'clocks'
    | 'log does not cover it'
    | 'log has gaps'
    | 'line missing'
    | undefined;
  /** By the broker's clock. */
  readonly loggedAt?: number | undefined;
  readonly ref?: LineRef | undefined;
  /** Whether the process answered a request within a second of that line; undefined: the log has no requests. */
  readonly besideRequest?: boolean | undefined;
}

/** An application's log, and its offset from the broker's clock. */
export interface TimedApplication {
  readonly history: ApplicationHistory;
  readonly offset: ClockOffset | undefined;
}

/** The drops of one program and user from one address. Among these, a process id means one process. */
interface DropGroup {
  readonly key: string;
  readonly drops: ConnectionHistory[];
}

/** A line this long after a reconnect is about another connection. */
const AFTERTHOUGHT_MS = 2000;
const BESIDE_MS = 1000;

/** Each drop with the line that logged it, and the lines that match no drop. */
export interface Joined {
  readonly drops: readonly JoinedDrop[];
  /** Lines of lost connections that match no drop, with their time by the broker's clock if that is known. */
  readonly unmatched: readonly {
    readonly moment: MessagingMoment;
    readonly at: number | undefined;
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
    unmatched: applications.flatMap(({ history, offset }) =>
      history.moments
        .filter((moment) => isOfLoss(moment) && !matched.has(moment))
        .map((moment) => ({ moment, at: offset && moment.at + offset.addMs })),
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
  const groups = new Map<string, DropGroup>();
  for (const drop of drops) {
    if (drop.pid === undefined) continue;
    const key = [drop.address, drop.program, drop.user].join('\n');
    const group = groups.get(key) ?? { key, drops: [] };
    group.drops.push(drop);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/**
 * Whether an application's log belongs to a group's processes. Process ids alone prove little, because containers have
 * similar ids. The proof is a connection's id that both logs have, or a line at the moment of a reconnect.
 */
function isOfGroup(
  history: ApplicationHistory,
  addMs: number,
  { drops }: DropGroup,
  groups: readonly DropGroup[],
  broker: BrokerHistory,
): boolean {
  const ids = new Set(drops.map(({ id }) => id));
  if (history.moments.some(({ connectionId }) => connectionId !== undefined && ids.has(connectionId)))
    return true;
  const own = coincidences(history, addMs, drops);
  if (own === 0) return onlyGroupWithAllPids(history, drops, groups, broker);
  const best = Math.max(...groups.map((group) => coincidences(history, addMs, group.drops)));
  return own === best || (own >= ENOUGH && own * 2 >= best);
}

/** How many drops have a line of the heartbeat at the moment of their reconnect. */
function coincidences(
  history: ApplicationHistory,
  addMs: number,
  drops: readonly ConnectionHistory[],
): number {
  const tolerance = CLOCK_ERROR_MS + history.precisionMs;
  const lines = history.moments.filter(({ kind }) => kind === 'heartbeat lost it');
  const byPid = new Map<number, number[]>();
  for (const { pid, at } of lines)
    if (pid !== undefined) byPid.set(pid, [...(byPid.get(pid) ?? []), at + addMs]);
  return drops.filter(({ pid, reopenedAt }) => {
    if (reopenedAt === undefined) return false;
    return (byPid.get(pid ?? -1) ?? []).some(
      (at) => at <= reopenedAt + tolerance && at >= reopenedAt - tolerance,
    );
  }).length;
}

const ENOUGH = 3;

/** Whether the broker knows only one program, and all its process ids (three or more) are in the application's log. */
function onlyGroupWithAllPids(
  history: ApplicationHistory,
  drops: readonly ConnectionHistory[],
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
  { drops }: DropGroup,
  endOfBrokerLog: number,
  matched: Set<MessagingMoment>,
): JoinedDrop[] {
  const covered = coverage(history, addMs, endOfBrokerLog);
  const byPid = new Map<number, ConnectionHistory[]>();
  for (const drop of drops) byPid.set(drop.pid as number, [...(byPid.get(drop.pid as number) ?? []), drop]);
  return [...byPid].flatMap(([pid, ofPid]) => {
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
    return ofPid.map((drop): JoinedDrop => {
      const of = told.find(({ connection, at }) => connection === drop.name && at === drop.endedAt);
      if (of?.loggedAt !== undefined) {
        const moment = [...entries].find(([{ at }]) => at === of.loggedAt)?.[1];
        const besideRequest = moment && isBesideRequest(history, pid, moment.at);
        return { drop, loggedBy: of.loggedBy, loggedAt: of.loggedAt, ref: moment?.ref, besideRequest };
      }
      if (!covered(drop.endedAt)) return { drop, loggedBy: undefined, unknown: 'log does not cover it' };
      if (history.gaps.hasAfter(drop.endedAt - addMs))
        return { drop, loggedBy: undefined, unknown: 'log has gaps' };
      // A process that reconnects logs the reason. Without such a line, the log is incomplete.
      return drop.reopenedAt === undefined || hasLineNear(history, pid, drop, addMs)
        ? { drop, loggedBy: 'nobody' }
        : { drop, loggedBy: undefined, unknown: 'line missing' };
    });
  });
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

/** An application's log that ends at most this long before the broker's log still covers its end. */
const SAME_END_MS = 2000;

/** Whether the log begins before a time, and lasts to the end of the broker's log, because a line may come late. */
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

/** A drop in the form that {@link matchDrops} reads, and the connection that replaced it. */
function asConnections(drop: ConnectionHistory): BrokerConnection[] {
  const { name, pid, peer, user = '', openedAt = Number.NEGATIVE_INFINITY, endedAt, reopenedAt } = drop;
  const common = { process: '', user, name, pid, peer };
  const dropped = { ...common, openedAt, endedAt, droppedAt: endedAt };
  return reopenedAt === undefined ? [dropped] : [dropped, { ...common, openedAt: reopenedAt }];
}

function entryOf({ pid = 0, level, logger }: MessagingMoment, at: number): LogEntry {
  return { at, pid, level, logger, message: '', line: '', continuation: [] };
}

/** A line that was logged before a reconnect may seem to be this much later than the reconnect. */
const CLOCK_ERROR_MS = 50;

/**
 * A line's time by the broker's clock. Clocks and whole seconds are inexact, so a line may seem to be later than its
 * reconnect, or earlier than its drop. Such a line gets a time between the two.
 */
function snapped(
  { at, kind }: MessagingMoment,
  addMs: number,
  { precisionMs }: ApplicationHistory,
  drops: readonly ConnectionHistory[],
): number {
  const time = at + addMs;
  // A request logs a second before it reconnects, so a request's line at that moment is about another connection.
  const reconnected = drops.find(
    ({ reopenedAt }) =>
      kind === 'heartbeat lost it' &&
      reopenedAt !== undefined &&
      time >= reopenedAt &&
      time <= reopenedAt + CLOCK_ERROR_MS + precisionMs,
  );
  if (reconnected?.reopenedAt !== undefined) return reconnected.reopenedAt - 1;
  const dropped =
    precisionMs > 1 && drops.find(({ endedAt }) => time < endedAt && time + precisionMs >= endedAt);
  return dropped ? dropped.endedAt : time;
}
