import { getOrMake } from '../../config/get-or-make.ts';
import { grouped } from '../../config/grouped.ts';
import type { ApplicationHistory, MessagingMoment } from '../history/application-history.ts';
import { type BrokerHistory, MOST_KEPT, type Opening } from '../history/broker-history.ts';
import type { ConnectionHistory } from '../history/connection-history.ts';

/** How an application's log relates to the broker's clock. */
export interface ClockOffset {
  /** Milliseconds to add to a time of the application's log to get the broker's. */
  readonly addMs: number;
  /** `ports`: both sides named a connection's port. `reconnects`: both saw reconnects. `zone`: only the zone is known. */
  readonly by: 'ports' | 'reconnects' | 'zone';
  /** Events that both sides saw, and that agree. */
  readonly events: number;
}

/** Where the zone is known, a clock is not believed to be further off. */
const FURTHEST_MS = 10 * 60_000;
/** Where no zone is known, an offset may be that of any zone. */
const ZONES_MS = 15 * 3_600_000;
const BIN_MS = 500;
const MOST_MOMENTS = 400;

/** This many events are no coincidence. */
const ENOUGH_EVENTS = 3;
/** Zones differ by multiples of a quarter hour. Synchronized clocks differ by less than {@link KEPT_RIGHT_MS}. */
const QUARTER_MS = 15 * 60_000;
const KEPT_RIGHT_MS = 5000;

/**
 * Finds the offset between the clocks, zone included, from events that both logs have.
 *
 * @param zoneMs how far the application's times, as they were read, are ahead of UTC; undefined: not known.
 * @returns undefined if it is not known.
 */
export function clockOffset(
  application: Pick<ApplicationHistory, 'moments' | 'precisionMs'>,
  broker: Pick<BrokerHistory, 'drops' | 'openings' | 'precisionMs'>,
  zoneMs: number | undefined,
): ClockOffset | undefined {
  const expected = zoneMs === undefined ? undefined : 0 - zoneMs;
  const errorMs = Math.max(application.precisionMs, broker.precisionMs);
  const isBelievable = (difference: number) =>
    expected === undefined
      ? Math.abs(difference) <= ZONES_MS
      : Math.abs(difference - expected) <= FURTHEST_MS;
  // Processes of different containers may have the same id and port: a few events may be a coincidence.
  const isCoincidence = (found: number, events: number) =>
    events < ENOUGH_EVENTS &&
    Math.abs(found - (expected ?? Math.round(found / QUARTER_MS) * QUARTER_MS)) > KEPT_RIGHT_MS + errorMs;
  // The two sides log a reconnect at slightly different moments, so a small difference says nothing about the clocks.
  const offset = (found: number, by: ClockOffset['by'], events: number): ClockOffset => ({
    addMs: expected !== undefined && Math.abs(found - expected) <= BIN_MS + errorMs ? expected : found,
    by,
    events,
  });
  // A connection's id and port together identify it, so these differences count even if they contradict the given zone.
  for (const [differences, isSure] of [
    [portDifferences(application.moments, broker.openings, true), true],
    [portDifferences(application.moments, broker.openings, false).filter(isBelievable), false],
  ] as const) {
    const best = mostFrequent(
      differences.map((each) => [each]),
      2 * BIN_MS,
    );
    if (best && (isSure || !isCoincidence(best.at, best.votes))) return offset(best.at, 'ports', best.votes);
  }
  const ofReconnects = reconnectDifferences(application.moments, broker.drops).map((all) =>
    all.filter(isBelievable),
  );
  const best = mostFrequent(ofReconnects, Math.max(BIN_MS, errorMs));
  if (best && !isCoincidence(best.at, best.votes)) return offset(best.at, 'reconnects', best.votes);
  return expected === undefined || isContradicted(application.moments, broker.openings, expected)
    ? undefined
    : { addMs: expected, by: 'zone', events: 0 };
}

const BEFORE_MS = 2000;
/** A process that has lost a connection opens another soon. */
const SOON_MS = 60_000;

/** Whether an offset cannot be right: no line of a lost connection would be followed by a new connection of its process. */
function isContradicted(
  moments: readonly MessagingMoment[],
  openings: readonly Opening[],
  addMs: number,
): boolean {
  const byPid = grouped(openings, ({ pid }) => pid);
  // Only the first openings of a very long log are kept.
  const until = openings.length < MOST_KEPT ? Number.POSITIVE_INFINITY : (openings.at(-1)?.at ?? 0);
  const lines = moments.filter(
    ({ kind, pid, at }) =>
      (kind === 'heartbeat lost it' || kind === 'unreachable') && byPid.has(pid) && at + addMs <= until,
  );
  const isFollowed = ({ at, pid }: MessagingMoment) =>
    (byPid.get(pid) ?? []).some(
      (event) => event.at >= at + addMs - BEFORE_MS && event.at <= at + addMs + SOON_MS,
    );
  return lines.length >= ENOUGH_EVENTS && !lines.slice(0, MOST_MOMENTS).some(isFollowed);
}

/**
 * oslo.messaging names the client's port of a connection that it has opened again; so does the broker.
 *
 * @param byId whether to use the lines that name the connection's id, or the lines that do not.
 */
function portDifferences(
  moments: readonly MessagingMoment[],
  openings: readonly Opening[],
  byId: boolean,
): number[] {
  const byPort = grouped(openings, ({ port }) => port);
  return moments.flatMap(({ at, clientPort, connectionId, pid }) => {
    if ((connectionId !== undefined) !== byId) return [];
    const candidates = (byPort.get(clientPort ?? -1) ?? []).filter(({ id, pid: its }) =>
      byId ? id === connectionId : pid === undefined || its === pid,
    );
    return candidates.length === 1 ? [(candidates[0] as Opening).at - at] : [];
  });
}

/** For each heartbeat line, its distances from all reconnects of its process. It was logged at one of them. */
function reconnectDifferences(
  moments: readonly MessagingMoment[],
  drops: readonly ConnectionHistory[],
): number[][] {
  const reconnects = drops.flatMap(({ pid, reopenedAt }) =>
    pid === undefined || reopenedAt === undefined ? [] : [{ pid, reopenedAt }],
  );
  const byPid = grouped(reconnects, ({ pid }) => pid);
  return moments
    .filter(({ kind, pid }) => kind === 'heartbeat lost it' && byPid.has(pid ?? -1))
    .slice(0, MOST_MOMENTS)
    .map(({ at, pid }) =>
      (byPid.get(pid as number) ?? []).slice(0, MOST_MOMENTS).map(({ reopenedAt }) => reopenedAt - at),
    );
}

/**
 * The difference that most events have.
 *
 * @param differences those that each event may have.
 * @returns undefined if there is none, or if another is about as frequent.
 */
export function mostFrequent(
  differences: readonly (readonly number[])[],
  binMs: number,
): { readonly at: number; readonly votes: number } | undefined {
  const bins = new Map<number, { sum: number; count: number; readonly events: Set<unknown> }>();
  for (const event of differences) {
    for (const value of event) {
      const at = Math.floor(value / binMs);
      // Each value counts for its bin and the one below, so that no border separates two values that are close.
      for (const each of [at, at - 1]) {
        const bin = getOrMake(bins, each, () => ({ sum: 0, count: 0, events: new Set() }));
        bin.sum += value;
        bin.count += 1;
        bin.events.add(event);
      }
    }
  }
  const ranked = [...bins].sort(([, a], [, b]) => b.events.size - a.events.size);
  const [best] = ranked;
  if (!best) return undefined;
  const [bin, { sum, count, events: of }] = best;
  const rival = ranked.find(([other]) => Math.abs(other - bin) > 2)?.[1];
  if (rival && rival.events.size * RIVAL >= of.size) return undefined;
  return { at: Math.round(sum / count), votes: of.size };
}

/** The most frequent difference must be this many times as frequent as any other. */
const RIVAL = 1.25;
