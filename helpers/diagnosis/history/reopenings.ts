import { getOrMake } from '../../config/get-or-make.ts';
import type { ConnectionHistory } from './connection-history.ts';
import { RecentMap } from './recent-map.ts';

/** A connection was opened under an id. */
interface OpenedAs {
  readonly at: number;
  readonly peer: string;
  readonly broker: string;
}

/** A connection with an id ended. */
interface EndedAs extends OpenedAs {
  readonly openedAt: number | undefined;
  /** Undefined if it is not kept: then nothing is recorded about it. */
  readonly history?: ConnectionHistory | undefined;
}

interface OfId {
  readonly openings: OpenedAs[];
  readonly ends: EndedAs[];
}

/** At most this many openings and ends of an id are remembered. Older ones are already joined. */
const MOST_OF_ID = 32;

/**
 * Finds when a connection that ended was opened again. oslo.messaging keeps a connection's id when it reconnects, at
 * any broker of a cluster. The logs of the brokers may be read in any order.
 */
export class Reopenings {
  private readonly ids: RecentMap<OfId>;
  /** Ends whose next connection was opened at an earlier time, by the clock. */
  private readonly setBack = new WeakSet<EndedAs>();

  /** @param most how many ids are remembered at least. */
  constructor(most: number) {
    this.ids = new RecentMap(most);
  }

  /** @returns the connection that was opened again, if its end is known. */
  opened(id: string, opening: OpenedAs): ConnectionHistory | undefined {
    const { openings, ends } = this.of(id);
    keep(openings, opening);
    if (ends.length === 0) return undefined;
    for (const end of ends) if (end.broker !== opening.broker) replace(end, opening);
    const before = ends.findLast(({ broker }) => broker === opening.broker);
    // The broker's clock was set back, at the end of summer time for instance: the delay is not known.
    if (before && before.at > opening.at && before.peer !== opening.peer) this.setBack.add(before);
    const last = latest(ends, opening.at);
    if (last) this.reopen(last, opening);
    return last?.history;
  }

  /** Whether a connection with this id has ended before, and is kept. */
  hasEnded(id: string): boolean {
    return this.ids.get(id)?.ends.some(({ history }) => history !== undefined) ?? false;
  }

  ended(id: string, end: EndedAs): void {
    const { openings, ends } = this.of(id);
    // The opening's own line may be in no log.
    const isKnown = openings.some(({ peer, at }) => peer === end.peer && at <= end.at);
    if (end.openedAt !== undefined && !isKnown)
      this.opened(id, { at: end.openedAt, peer: end.peer, broker: end.broker });
    for (const { history } of ends) {
      // This connection was opened in between, so the known reopening is a later one.
      if (history && history.endedAt <= end.at && (history.reopenedAt ?? 0) > end.at)
        history.reopenedAt = undefined;
    }
    keep(ends, end);
    for (const opening of openings) {
      replace(end, opening);
      if (latest(ends, opening.at) === end) this.reopen(end, opening);
    }
  }

  private reopen(end: EndedAs, { at }: OpenedAs): void {
    const { history } = end;
    if (!history || this.setBack.has(end)) return;
    if (at < (history.reopenedAt ?? Number.POSITIVE_INFINITY)) history.reopenedAt = at;
  }

  private of(id: string): OfId {
    return getOrMake(this.ids, id, () => ({ openings: [], ends: [] }));
  }
}

function keep<Value>(all: Value[], value: Value): void {
  all.push(value);
  if (all.length > MOST_OF_ID) all.shift();
}

/** The latest end that is not after a time. */
function latest(ends: readonly EndedAs[], at: number): EndedAs | undefined {
  let found: EndedAs | undefined;
  for (const end of ends) if (end.at <= at && (!found || end.at >= found.at)) found = end;
  return found;
}

/** The clocks of two brokers may differ by this many milliseconds. */
const CLOCKS_MS = 5000;

/** Records that a client had opened its connection again while the broker still waited for the old one. */
function replace(end: EndedAs, { at, peer, broker }: OpenedAs): void {
  const { history, openedAt } = end;
  if (!history || openedAt === undefined || peer === end.peer) return;
  const errorMs = broker === end.broker ? 0 : CLOCKS_MS;
  if (at <= openedAt + errorMs || at >= end.at - errorMs) return;
  if (at < (history.replacedAt ?? Number.POSITIVE_INFINITY)) history.replacedAt = at;
}
