import { median } from '../../evidence/median.ts';
import type { Figures } from '../../record/figures.ts';
import type { Expectation } from '../../rows/expectation.ts';
import type { Traffic } from '../../rows/traffic.ts';
import { fisherTail, type Share } from '../../verdict/distributions.ts';
import { slowsRequests } from '../../verdict/violations.ts';
import type { Change, Direction } from './transition.ts';

/** A row that was executed under traffic: its traffic, what it expects, and what was seen. */
export interface ExecutedRow {
  readonly traffic: Pick<Traffic, 'phases'>;
  readonly expect: Pick<Expectation, 'requests' | 'messages' | 'slowed' | 'least'>;
  readonly figures: Figures;
}

/** One figure of a row's impact that is not as it was. */
export type ImpactChange = Pick<Change, 'before' | 'after' | 'direction'>;

/** The share of comparisons of equal runs that may show a change by luck alone. */
const LUCK = 0.001;
/** A share must change by this much to matter. */
const LEAST_SHARE = 0.1;
/**
 * How much slower an answer must be, milliseconds. Whole tables of one version, executed on quiet and on busy machines,
 * differed by up to 290 in the median of a row whose requests must all be answered and come one at a time
 * (`nova/prefork-8-no-wait`; tests/unit/fixtures/impact-noise.json has 220). A reconnect costs 1000, and a library that
 * polls for replies each half second up to 500.
 */
const SLOWER_MS = 400;

/** Requests without a good answer, and messages that never arrived. */
export function lostChanges(before: ExecutedRow, after: ExecutedRow): ImpactChange[] {
  const requests = ({ figures: { requests } }: ExecutedRow) => ({
    hits: requests.failed,
    trials: requests.sent,
  });
  const messages = ({ figures: { messages } }: ExecutedRow) => ({
    hits: messages.lost,
    trials: messages.expected,
  });
  const { expect } = after;
  return [
    ...lost(requests(before), requests(after), allOrSome[expect.requests]),
    ...lost(messages(before), messages(after), allOrSome[expect.messages], ' messages'),
  ];
}

/** What a row asserts of its requests, or of its messages: that none is lost, that some are, or nothing. */
const allOrSome = {
  'all answered': 'none',
  'all arrive': 'none',
  'some lost': 'some',
  any: 'any',
} as const satisfies Record<Expectation['requests'] | Expectation['messages'], 'none' | 'some' | 'any'>;

function lost(was: Share, is: Share, asserted: 'none' | 'some' | 'any', what?: string): ImpactChange[] {
  if (was.hits === is.hits) return [];
  if (asserted === 'none') return [shares(was, is, is.hits > was.hits ? 'worse' : 'better', what)];
  return [shares(was, is, asserted === 'some' ? beyondLuck(was, is) : 'no clear change', what)];
}

/** Requests slowed by a reconnect, how many and by how much; and how many were slow for another reason. */
export function slowedChanges(before: ExecutedRow, after: ExecutedRow): ImpactChange[] {
  return [...howMany(before, after), ...byHowMuch(before, after), ...otherwise(before, after)];
}

function howMany(before: ExecutedRow, after: ExecutedRow): ImpactChange[] {
  const [was, is] = [share(before, 'slowedMs'), share(after, 'slowedMs')];
  if (was.hits === is.hits) return [];
  const asserted = after.expect.slowed;
  if (asserted === 'none') {
    // As few as the row tolerates are luck.
    const slows = ({ figures }: ExecutedRow) => slowsRequests(figures.requests, after.expect);
    const direction = is.hits > was.hits ? 'worse' : 'better';
    return [shares(was, is, slows(before) || slows(after) ? direction : 'no clear change')];
  }
  const luck = beyondLuck(was, is);
  // Two runs rarely slow exactly as many requests: no line about that.
  if (luck === 'no clear change') return was.hits > 0 && is.hits > 0 ? [] : [shares(was, is, luck)];
  return [shares(was, is, asserted === 'some' ? luck : 'changed')];
}

function byHowMuch(before: ExecutedRow, after: ExecutedRow): ImpactChange[] {
  const [was, is] = [before.figures.requests.slowedMs, after.figures.requests.slowedMs];
  const [ms, later] = [median(was), median(is)];
  if (ms === undefined || later === undefined) return [];
  // A request waits one second for each dead connection that it meets. How many it meets is luck.
  const above = (all: readonly number[]) => ({
    hits: all.filter((one) => one > (ms + later) / 2).length,
    trials: all.length,
  });
  const isLuck = beyondLuck(above(was), above(is)) === 'no clear change';
  const asserted = after.expect.slowed !== 'any' && !sendsAtOnce(after);
  return slower(ms, later, asserted && !isLuck, 'by');
}

/** Slow requests that no log line explains: among them may be one that met a dead connection without logging it. */
function otherwise(before: ExecutedRow, after: ExecutedRow): ImpactChange[] {
  const [was, is] = [share(before, 'slowOtherwiseMs'), share(after, 'slowOtherwiseMs')];
  const luck = beyondLuck(was, is);
  if (luck === 'no clear change') return [];
  const asserted = after.expect.slowed !== 'any' && !sendsAtOnce(after);
  return [shares(was, is, asserted ? luck : 'changed', ' slow otherwise')];
}

/** The median answer of each route, of requests that no reconnect has slowed. */
export function medianChanges(before: ExecutedRow, after: ExecutedRow): ImpactChange[] {
  const [was, is] = [before.figures.requests.unslowedMs, after.figures.requests.unslowedMs];
  // If requests may be lost, how long the others wait is luck.
  const asserted = after.expect.requests === 'all answered' && !sendsAtOnce(after);
  return Object.entries(was).flatMap(([route, ms]) => {
    const later = is[route];
    return later === undefined ? [] : slower(ms, later, asserted, route);
  });
}

/** Requests that are sent at once wait for each other, so the machine's speed decides how long they take. */
function sendsAtOnce({ traffic }: ExecutedRow): boolean {
  return traffic.phases.some(({ atOnce = 1 }) => atOnce > 1);
}

function slower(was: number, is: number, asserted: boolean, what: string): ImpactChange[] {
  if (Math.abs(is - was) <= SLOWER_MS) return [];
  const direction = !asserted ? 'no clear change' : is > was ? 'worse' : 'better';
  return [{ before: `${what} ${was.toFixed(0)} ms`, after: `${what} ${is.toFixed(0)} ms`, direction }];
}

function share({ figures: { requests } }: ExecutedRow, slow: 'slowedMs' | 'slowOtherwiseMs'): Share {
  return { hits: requests[slow].length, trials: requests.sent };
}

function shares(was: Share, is: Share, direction: Direction, what = ''): ImpactChange {
  const words = ({ hits, trials }: Share) => `${hits} of ${trials}${what}`;
  return { before: words(was), after: words(is), direction };
}

/** Whether one share is higher than the other by more than luck explains. */
function beyondLuck(was: Share, is: Share): Direction {
  const difference = is.hits / is.trials - was.hits / was.trials;
  if (!(Math.abs(difference) >= LEAST_SHARE)) return 'no clear change';
  const luck = difference > 0 ? fisherTail(was, is) : fisherTail(is, was);
  if (luck >= LUCK) return 'no clear change';
  return difference > 0 ? 'worse' : 'better';
}
