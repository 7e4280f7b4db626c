import { grouped } from '../config/grouped.ts';
import type { ApplicationHistory, MessagingMoment } from './application-history.ts';
import type { BrokerHistory, Opening } from './broker-history.ts';
import type { ConnectionHistory } from './connection-history.ts';

/** How an application's log relates to the broker's clock. */
export interface ClockOffset {
  /** Milliseconds to add to a time of the application's log to get the broker's. */
  readonly addMs: number;
  /** `ports`: both sides named a connection's port. `reconnects`: both saw reconnects. `zone`: only the zone is known. */
  readonly by: 'ports' | 'reconnects' | 'zone';
  /** Events that both sides saw, and that agree. */
  readonly events: number;
}

/** A clock that is further off than this is not believed where the zone is known. */
const FURTHEST_MS = 10 * 60_000;
/** A whole day of zones, for a log that names none. */
const ZONES_MS = 15 * 3_600_000;
const BIN_MS = 500;
const MOST_MOMENTS = 400;

/**
 * Finds the offset between the clocks, zone included, from events that both logs have.
 *
 * @param zoneMs how far the log's zone is ahead of UTC, if that is known. A log whose times have a zone is at 0.
 * @returns undefined if it cannot be told.
 */
export function clockOffset(
  application: Pick<ApplicationHistory, 'moments' | 'precisionMs'>,
  broker: Pick<BrokerHistory, 'drops' | 'openings'>,
  zoneMs: number | undefined,
): ClockOffset | undefined {
  const expected = zoneMs === undefined ? undefined : 0 - zoneMs;
  const isBelievable = (difference: number) =>
    expected === undefined
      ? Math.abs(difference) <= ZONES_MS
      : Math.abs(difference - expected) <= FURTHEST_MS;
  // Both sides log a reconnect at once, but not at the same moment: what is left of the difference is no clock's.
  const nearExpected = (found: number) =>
    expected !== undefined && Math.abs(found - expected) <= BIN_MS + application.precisionMs
      ? expected
      : found;
  const ofPorts = portDifferences(application.moments, broker.openings).filter(isBelievable);
  if (ofPorts.length > 0) {
    const found = mostFrequent([ofPorts], 2 * BIN_MS)?.at;
    if (found !== undefined) {
      return { addMs: nearExpected(found), by: 'ports', events: ofPorts.length };
    }
  }
  const ofReconnects = reconnectDifferences(application.moments, broker.drops).map((all) =>
    all.filter(isBelievable),
  );
  const best = mostFrequent(ofReconnects, Math.max(BIN_MS, application.precisionMs));
  if (best) {
    return { addMs: nearExpected(best.at), by: 'reconnects', events: best.votes };
  }
  return expected === undefined ? undefined : { addMs: expected, by: 'zone', events: 0 };
}

/** oslo.messaging names the client's port of a connection that it has opened again; so does the broker. */
function portDifferences(moments: readonly MessagingMoment[], openings: readonly Opening[]): number[] {
  const byPort = grouped(openings, ({ port }) => port);
  return moments.flatMap(({ at, clientPort, connectionId, pid }) => {
    const candidates = (byPort.get(clientPort ?? -1) ?? []).filter(
      ({ id, pid: its }) =>
        (connectionId === undefined || id === connectionId) && (pid === undefined || its === pid),
    );
    return candidates.length === 1 ? [(candidates[0] as Opening).at - at] : [];
  });
}

/** For each line of a heartbeat: its distance from each reconnect of its process. One of them is what it logged. */
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
 * The difference that most of the events have, each counting once; undefined if there is none, or several are as
 * frequent.
 */
export function mostFrequent(
  differences: readonly (readonly number[])[],
  binMs: number,
): { readonly at: number; readonly votes: number } | undefined {
  const bins = new Map<number, number>();
  const sums = new Map<number, { sum: number; count: number }>();
  for (const ofEvent of differences) {
    // Each value counts for its bin and the one below, so that no border separates what belongs together.
    const of = new Set<number>();
    for (const value of ofEvent) {
      const bin = Math.floor(value / binMs);
      for (const each of [bin, bin - 1]) {
        const known = sums.get(each) ?? { sum: 0, count: 0 };
        sums.set(each, { sum: known.sum + value, count: known.count + 1 });
        of.add(each);
      }
    }
    for (const bin of of) bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  // One list is many events of one kind: there each value is a vote.
  const votesOf =
    differences.length === 1 ? new Map([...sums].map(([bin, { count }]) => [bin, count])) : bins;
  const ranked = [...votesOf].sort(([, a], [, b]) => b - a);
  const [best] = ranked;
  if (!best) return undefined;
  const [bin, votes] = best;
  const rival = ranked.find(([other]) => Math.abs(other - bin) > 2);
  if (rival && rival[1] * RIVAL >= votes) return undefined;
  const { sum, count } = sums.get(bin) as { sum: number; count: number };
  return { at: Math.round(sum / count), votes };
}

/** The best must be this many times as frequent as any other. */
const RIVAL = 1.25;
