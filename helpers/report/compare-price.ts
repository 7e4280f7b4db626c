import { applications } from '../applications/index.ts';
import { probe } from '../config/probe.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { isAnswered } from '../evidence/request-record.ts';
import type { HeartbeatRecord } from '../verdict/cell-record.ts';
import { fisherTail, type Share } from '../verdict/distributions.ts';
import type { RequestExpectation } from '../verdict/row.ts';

/**
 * Which way something has changed.
 * - `could not tell`: what was not as expected before could not be judged now.
 * - `no clear change`: it differs, and that may be luck.
 */
export const directions = ['worse', 'could not tell', 'better', 'changed', 'no clear change'] as const;
export type Direction = (typeof directions)[number];

/** A heartbeat cell that was played. */
export type Played = HeartbeatRecord & { readonly evidence: Evidence };

/** One figure of a cell's price that is not as it was. */
export interface PriceChange {
  readonly before: string;
  readonly after: string;
  readonly direction: Direction;
}

/** Of all comparisons in which nothing has changed, so many may show one by luck alone. */
const LUCK = 0.001;
/** And a share must have changed by so much to matter to anybody. */
const LEAST_SHARE = 0.1;
/**
 * How much slower an answer must be, milliseconds. Whole tables of one version, played on quiet and on busy machines,
 * differ by up to 220 in the median of a row (tests/unit/fixtures/price-noise.json); a reconnect costs 1000, and a
 * library that polls for replies each half second up to 500.
 */
const SLOWER_MS = 300;
/** The median of fewer is one request's luck. */
const LEAST_REQUESTS = 5;
const LEAST_SLOWED = 3;

/** Requests without a good answer, and messages that never arrived. @param requests what must become of them. */
export function lostChange(
  before: Pick<Played, 'evidence'>,
  after: Pick<Played, 'evidence'>,
  requests: RequestExpectation,
): PriceChange[] {
  const [was, is] = [lost(before), lost(after)];
  if (was.hits === is.hits) return [];
  const direction =
    requests === 'all answered'
      ? is.hits > was.hits
        ? 'worse'
        : 'better'
      : requests === 'some lost'
        ? beyondLuck(was, is)
        : 'no clear change';
  return [{ before: `${was.hits} of ${was.trials}`, after: `${is.hits} of ${is.trials}`, direction }];
}

/** Who pays for a lost connection: requests slowed by a reconnect, how many and by how much. */
export function slowedChanges(before: Played, after: Played): PriceChange[] {
  return [...howMany(before, after), ...byHowMuch(before, after), ...otherwise(before, after)];
}

/** Slow requests of which no line says why: one that met a dead connection without logging it is among them. */
function otherwise(before: Played, after: Played): PriceChange[] {
  const [was, is] = [before, after].map(({ evidence: { requests } }) => ({
    hits: requests.slowOtherwiseMs.length,
    trials: requests.sent,
  })) as [Share, Share];
  const luck = beyondLuck(was, is);
  if (luck === 'no clear change') return [];
  const words = ({ hits, trials }: Share) => `${hits} of ${trials} slow otherwise`;
  const direction = after.expected.slowed === 'reported' ? 'changed' : luck;
  return [{ before: words(was), after: words(is), direction }];
}

function howMany(before: Played, after: Played): PriceChange[] {
  const [was, is] = [slowed(before), slowed(after)];
  if (was.hits === is.hits) return [];
  const asserted = after.expected.slowed;
  const luck = beyondLuck(was, is);
  const direction =
    asserted === 'none'
      ? is.hits > was.hits
        ? 'worse'
        : 'better'
      : asserted === 'some' || luck === 'no clear change'
        ? luck
        : 'changed';
  // That as many do not pay twice needs no line.
  if (direction === 'no clear change' && was.hits > 0 && is.hits > 0) return [];
  return [{ before: `${was.hits} of ${was.trials}`, after: `${is.hits} of ${is.trials}`, direction }];
}

function byHowMuch({ evidence: a }: Played, { evidence: b, expected }: Played): PriceChange[] {
  const [was, is] = [a.requests.slowedMs, b.requests.slowedMs];
  if (Math.min(was.length, is.length) < LEAST_SLOWED) return [];
  return slower(median(was), median(is), expected.slowed !== 'reported', 'by ');
}

/** The median answer of each route, of requests that no reconnect has slowed. */
export function medianChanges(before: Played, after: Played): (PriceChange & { readonly route: string })[] {
  const [was, is] = [mediansOf(before), mediansOf(after)];
  // Who waits for what is lost, waits by luck.
  const asserted = after.expected.requests === 'all answered';
  return [...was].flatMap(([route, a]) => {
    const b = is.get(route);
    return b === undefined ? [] : slower(a, b, asserted).map((change) => ({ route, ...change }));
  });
}

function slower(was: number, is: number, asserted: boolean, by = ''): PriceChange[] {
  if (Math.abs(is - was) <= SLOWER_MS) return [];
  const direction = !asserted ? 'no clear change' : is > was ? 'worse' : 'better';
  return [{ before: `${by}${was.toFixed(0)} ms`, after: `${by}${is.toFixed(0)} ms`, direction }];
}

/** Whether one share is higher than the other by more than luck explains. */
function beyondLuck(was: Share, is: Share): Direction {
  const difference = is.hits / is.trials - was.hits / was.trials;
  if (!(Math.abs(difference) >= LEAST_SHARE)) return 'no clear change';
  const luck = difference > 0 ? fisherTail(was, is) : fisherTail(is, was);
  if (luck >= LUCK) return 'no clear change';
  return difference > 0 ? 'worse' : 'better';
}

function lost({ evidence: { requests, messages } }: Pick<Played, 'evidence'>): Share {
  return { hits: requests.failed.length + messages.lost.length, trials: requests.sent };
}

function slowed({ evidence: { requests } }: Played): Share {
  return { hits: requests.slowedMs.length, trials: requests.sent };
}

/** Milliseconds by route, where there were answers enough; of all routes together where the requests were not kept. */
function mediansOf({ deployment, evidence: { requests } }: Played): Map<string, number> {
  const { all, answered, slowedMs, medianMs } = requests;
  if (!all) {
    return new Map(answered >= LEAST_REQUESTS && slowedMs.length === 0 ? [['all routes', medianMs]] : []);
  }
  const answers = new Map<string, number[]>();
  for (const { path, status, reconnected, sentAt, endedAt } of all) {
    if (!isAnswered({ status }) || reconnected) continue;
    const route = routeOf(deployment, path);
    answers.set(route, [...(answers.get(route) ?? []), endedAt - sentAt]);
  }
  return new Map(
    [...answers].flatMap(([route, times]) => (times.length < LEAST_REQUESTS ? [] : [[route, median(times)]])),
  );
}

/** The name of a path, or the path where nobody here knows the application, or it has no such route. */
function routeOf({ application }: Deployment, path: string): string {
  const known = applications.find(({ name }) => name === application);
  const named = Object.entries({ ...known?.routes, yield: { path: probe.routes.yield } });
  return named.find(([, ask]) => ask?.path === path)?.[0] ?? path;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
  return ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2;
}
