import type { BrokerConnection } from '../../evidence/broker-log.ts';
import { type LossEntry, matchDrops } from '../../evidence/drops.ts';
import type { ApplicationHistory, MessagingMoment } from '../history/application-history.ts';
import type { ConnectionHistory } from '../history/connection-history.ts';

/** The drops of one program and user from one address: their processes have different ids. */
export type DropGroup = readonly ConnectionHistory[];

/** How an application's times become the broker's, and how far their precision may put them off. */
export interface Clock {
  readonly addMs: number;
  readonly errorMs: number;
}

/** A line that is this much later than the new connection is about another one. */
export const AFTERTHOUGHT_MS = 2000;
/** Whether a line says that a connection was lost. */
export function isOfLoss({ kind }: Pick<MessagingMoment, 'kind'>): boolean {
  return kind === 'heartbeat lost it' || kind === 'unreachable';
}

// A connection that the broker closed is reset. These errors mean that the broker cannot be reached at all.
const AWAY =
  /timed out|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNREFUSED|[Cc]onnection refused|[Nn]o route to host|is unreachable/;

/** Whether a request logged that it cannot reach the broker at all. */
export function isOfAwayBroker({ kind, reason = '' }: Pick<MessagingMoment, 'kind' | 'reason'>): boolean {
  return kind === 'unreachable' && AWAY.test(reason);
}

/** A line about a lost connection, with its time by the broker's clock. */
export interface LossLine {
  readonly moment: MessagingMoment;
  readonly at: number;
  /** The connection's id, if the line or the moment of a reconnect shows it. */
  readonly id: string | undefined;
  /** The id that it may have. */
  readonly guess?: string | undefined;
}

/** A heartbeat logs no id, and reconnects as soon as it has logged that its connection is lost. */
const RECONNECT_MS = 250;

/** The lines of a process about lost connections. @param drops of this process. */
export function linesOf(
  { moments }: ApplicationHistory,
  pid: number,
  clock: Clock,
  drops: DropGroup,
): LossLine[] {
  const taken = new Set<ConnectionHistory>();
  const isOpen = (at: number) => (drop: ConnectionHistory) =>
    drop.endedAt <= at && reopenedAtOf(drop) >= at && !taken.has(drop);
  const take = (found: readonly ConnectionHistory[]) => {
    const [first] = [...found].sort(byReopening);
    if (first) taken.add(first);
    return first?.id;
  };
  const lines = moments
    .filter((moment) => moment.pid === pid && isOfLoss(moment))
    .map((moment) => {
      const at = snapped(moment, clock, drops);
      if (moment.kind !== 'heartbeat lost it') return { moment, at, id: moment.connectionId };
      const soon = at + RECONNECT_MS + clock.errorMs;
      return { moment, at, id: take(drops.filter(isOpen(at)).filter((drop) => reopenedAtOf(drop) <= soon)) };
    });
  // A heartbeat line without a following reconnect is assigned to an open drop that no other heartbeat line has taken,
  // if there is one.
  return lines.map((line) =>
    line.moment.kind !== 'heartbeat lost it' || line.id !== undefined
      ? line
      : { ...line, guess: take(drops.filter(isOpen(line.at))) },
  );
}

function reopenedAtOf({ reopenedAt = Number.POSITIVE_INFINITY }: ConnectionHistory): number {
  return reopenedAt;
}

function byReopening(one: ConnectionHistory, other: ConnectionHistory): number {
  const [a, b] = [reopenedAtOf(one), reopenedAtOf(other)];
  return a === b ? 0 : a - b;
}

/** The lines of a process that match its drops. */
export interface Matches {
  readonly matched: readonly MessagingMoment[];
  /** The first line about each drop. */
  readonly firstLines: ReadonlyMap<ConnectionHistory, LossLine>;
  /** The drops that a heartbeat logged, first or later. */
  readonly ofHeartbeat: ReadonlySet<ConnectionHistory>;
}

/** Matches the lines of a process with its drops. */
export function matchesOf(lines: readonly LossLine[], drops: DropGroup): Matches {
  const connections = drops.flatMap(asConnections).sort((a, b) => a.openedAt - b.openedAt);
  const entries = new Map(lines.map((line) => [entryOf(line), line] as const));
  const matchesOfKind = (kind: MessagingMoment['kind']) => {
    const own = [...entries].filter(([, { moment }]) => moment.kind === kind);
    const all = matchDrops(
      own.map(([entry]) => entry),
      connections,
    );
    return all.flatMap(({ drop }, index) => {
      const line = own[index]?.[1];
      const of = drop && drops.find(({ name, endedAt }) => name === drop.connection && endedAt === drop.at);
      return of && line ? [{ of, line }] : [];
    });
  };
  const ofHeartbeat = matchesOfKind('heartbeat lost it');
  const all = [...ofHeartbeat, ...matchesOfKind('unreachable')];
  const firstLines = new Map<ConnectionHistory, LossLine>();
  for (const { of, line } of all) {
    if (line.at < (firstLines.get(of)?.at ?? Number.POSITIVE_INFINITY)) firstLines.set(of, line);
  }
  return {
    matched: all.map(({ line }) => line.moment),
    firstLines,
    ofHeartbeat: new Set(ofHeartbeat.map(({ of }) => of)),
  };
}

/** A request that cannot reconnect logs again at growing intervals, 30 s at most (`rabbit_interval_max`). */
const LONGEST_INTERVAL_MS = 35_000;

/** Whether a line was logged when a connection was opened again. */
export function hasLineNear(
  lines: readonly LossLine[],
  { id, endedAt, reopenedAt = 0 }: ConnectionHistory,
): boolean {
  return lines.some(
    (line) =>
      (line.id === undefined || line.id === id) &&
      line.at >= Math.max(endedAt, reopenedAt - LONGEST_INTERVAL_MS) &&
      line.at <= reopenedAt + AFTERTHOUGHT_MS,
  );
}

/** A drop and the connection after it, in the form of a cell's evidence. */
function asConnections(drop: ConnectionHistory): BrokerConnection[] {
  const { name, pid, peer, user = '', openedAt = Number.NEGATIVE_INFINITY, endedAt, reopenedAt } = drop;
  const common = { process: '', user, name, pid, peer };
  const dropped = { ...common, openedAt, endedAt, droppedAt: endedAt };
  return reopenedAt === undefined ? [dropped] : [dropped, { ...common, openedAt: reopenedAt }];
}

/** A line in the form of a cell's evidence. */
function entryOf({ moment: { pid = 0 }, at, guess, id = guess }: LossLine): LossEntry {
  return { at, pid, line: '', connectionId: id };
}

/** A line that was logged before a reconnect may seem to be this much later. */
export const CLOCK_ERROR_MS = 50;

/**
 * A line's time by the broker's clock. Clocks and whole seconds are not exact: a line that seems to be a moment after
 * the reconnect that it led to, or before the drop that it is about, is moved there.
 */
function snapped({ at, kind }: MessagingMoment, { addMs, errorMs }: Clock, drops: DropGroup): number {
  const time = at + addMs;
  // If a dropped connection of the process is not reopened yet at this time, the line may be about that connection, so
  // the line is not moved before a reconnect.
  const isOfAnother = drops.some(
    ({ endedAt, reopenedAt = Number.POSITIVE_INFINITY }) => endedAt <= time && time < reopenedAt,
  );
  // A request logs its line a second before it reconnects, so a line at that moment is about another connection.
  const reconnected = drops.find(
    ({ reopenedAt }) =>
      kind === 'heartbeat lost it' &&
      !isOfAnother &&
      reopenedAt !== undefined &&
      time >= reopenedAt &&
      time <= reopenedAt + CLOCK_ERROR_MS + errorMs,
  );
  if (reconnected?.reopenedAt !== undefined) return reconnected.reopenedAt - 1;
  const dropped = errorMs > 1 && drops.find(({ endedAt }) => time < endedAt && time + errorMs >= endedAt);
  return dropped ? dropped.endedAt : time;
}
