import { applications } from '../applications/index.ts';
import { routeOf } from '../applications/routes.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { median } from '../evidence/median.ts';
import { isAnswered } from '../evidence/request-record.ts';
import type { HeartbeatRecord } from '../record/record.ts';
import type { Expectation } from '../rows/expectation.ts';
import { fisherTail, type Share } from '../verdict/distributions.ts';
import type { Direction } from './transition.ts';

/** A row that was executed under traffic. */
export type ExecutedRow = HeartbeatRecord & { readonly evidence: Evidence };

/** One figure of a row's impact that is not as it was. */
export interface ImpactChange {
  readonly before: string;
  readonly after: string;
  readonly direction: Direction;
}

/** The share of comparisons of equal runs that may show a change by luck alone. */
const LUCK = 0.001;
/** A share must change by this much to matter. */
const LEAST_SHARE = 0.1;
/**
 * How much slower an answer must be, milliseconds. Whole tables of one version, executed on quiet and on busy machines,
 * differ by up to 220 in the median of a row (tests/unit/fixtures/impact-noise.json); a reconnect costs 1000, and a
 * library that polls for replies each half second up to 500.
 */
const SLOWER_MS = 300;
/** The median of fewer requests is luck. */
const LEAST_REQUESTS = 5;
const LEAST_SLOWED = 3;

/** Requests without a good answer, and messages that never arrived. @param requests what must become of them. */
export function lostChange(
  before: Pick<ExecutedRow, 'evidence'>,
  after: Pick<ExecutedRow, 'evidence'>,
  requests: Expectation['requests'],
): ImpactChange[] {
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

/** Requests slowed by a reconnect: how many, and by how much. */
export function slowedChanges(before: ExecutedRow, after: ExecutedRow): ImpactChange[] {
  return [...howMany(before, after), ...byHowMuch(before, after), ...otherwise(before, after)];
}

/** Slow requests that no log line explains: among them may be one that met a dead connection without logging it. */
function otherwise(before: ExecutedRow, after: ExecutedRow): ImpactChange[] {
  const [was, is] = [before, after].map(({ evidence: { requests } }) => ({
    hits: requests.slowOtherwiseMs.length,
    trials: requests.sent,
  })) as [Share, Share];
  const luck = beyondLuck(was, is);
  if (luck === 'no clear change') return [];
  const words = ({ hits, trials }: Share) => `${hits} of ${trials} slow otherwise`;
  const direction = after.expect.slowed === 'any' ? 'changed' : luck;
  return [{ before: words(was), after: words(is), direction }];
}

function howMany(before: ExecutedRow, after: ExecutedRow): ImpactChange[] {
  const [was, is] = [slowed(before), slowed(after)];
  if (was.hits === is.hits) return [];
  const asserted = after.expect.slowed;
  const luck = beyondLuck(was, is);
  const direction =
    asserted === 'none'
      ? is.hits > was.hits
        ? 'worse'
        : 'better'
      : asserted === 'some' || luck === 'no clear change'
        ? luck
        : 'changed';
  // Two runs rarely slow exactly as many requests: no line about that.
  if (direction === 'no clear change' && was.hits > 0 && is.hits > 0) return [];
  return [{ before: `${was.hits} of ${was.trials}`, after: `${is.hits} of ${is.trials}`, direction }];
}

function byHowMuch({ evidence: a }: ExecutedRow, { evidence: b, expect }: ExecutedRow): ImpactChange[] {
  const [was, is] = [a.requests.slowedMs, b.requests.slowedMs];
  if (Math.min(was.length, is.length) < LEAST_SLOWED) return [];
  return slower(median(was) ?? 0, median(is) ?? 0, expect.slowed !== 'any', 'by ');
}

/** The median answer of each route, of requests that no reconnect has slowed. */
export function medianChanges(
  before: ExecutedRow,
  after: ExecutedRow,
): (ImpactChange & { readonly route: string })[] {
  const [was, is] = [mediansOf(before), mediansOf(after)];
  // If requests may be lost, how long the others wait is luck.
  const asserted = after.expect.requests === 'all answered';
  return [...was].flatMap(([route, a]) => {
    const b = is.get(route);
    return b === undefined ? [] : slower(a, b, asserted).map((change) => ({ route, ...change }));
  });
}

function slower(was: number, is: number, asserted: boolean, by = ''): ImpactChange[] {
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

function lost({ evidence: { requests, messages } }: Pick<ExecutedRow, 'evidence'>): Share {
  return { hits: requests.failed.length + messages.lost.length, trials: requests.sent };
}

function slowed({ evidence: { requests } }: ExecutedRow): Share {
  return { hits: requests.slowedMs.length, trials: requests.sent };
}

/** Milliseconds by route with enough answers; of all routes together if the file does not hold the requests. */
function mediansOf({ deployment, evidence: { requests } }: ExecutedRow): Map<string, number> {
  const { all, answered, slowedMs, medianMs } = requests;
  if (!all) {
    return new Map(answered >= LEAST_REQUESTS && slowedMs.length === 0 ? [['all routes', medianMs]] : []);
  }
  const answers = new Map<string, number[]>();
  for (const { path, status, reconnected, sentAt, endedAt } of all) {
    if (!isAnswered({ status }) || reconnected) continue;
    const application = applications.find(({ name }) => name === deployment.application);
    const route = routeOf(path, application) ?? path;
    answers.set(route, [...(answers.get(route) ?? []), endedAt - sentAt]);
  }
  return new Map(
    [...answers].flatMap(([route, times]) =>
      times.length < LEAST_REQUESTS ? [] : [[route, median(times) ?? 0]],
    ),
  );
}
