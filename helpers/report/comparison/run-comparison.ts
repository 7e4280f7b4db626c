import { count } from '../../config/count.ts';
import { grouped } from '../../config/grouped.ts';
import { deploymentName } from '../../deployment/deployment.ts';
import { figuresOf } from '../../record/figures.ts';
import { type CellRecord, isHeartbeat, isRow, isThroughput } from '../../record/record.ts';
import { expectationWords } from '../../rows/expectation.ts';
import { idWithParts } from '../../rows/row-id.ts';
import type { Estimate } from '../../verdict/throughput-estimate.ts';
import { type Results, stateWords, type TestResult, testsOf } from '../results/results.ts';
import { aligned } from '../text/aligned.ts';
import { estimateIn } from '../text/throughput-table.ts';
import { verdictInShort } from '../text/verdict-in-short.ts';
import { cut } from '../text/wrapped.ts';
import { failureChanges, runChanges } from './compare-failures.ts';
import {
  type ExecutedRow,
  type ImpactChange,
  lostChanges,
  medianChanges,
  slowedChanges,
} from './compare-impact.ts';
import { otherThan, reasonsOf, rowStanding, testStanding } from './standing.ts';
import { type Change, type Direction, directions, failsGate, transition } from './transition.ts';

/**
 * The rules by which two runs are compared. The later run fails the gate (exit code 1) if anything got worse, or could
 * not be judged. `transition.ts` has the meaning of a change of a verdict, of a test's state or of a failure.
 *
 * - `run`: the later run ended early, or its command failed and its results do not say why.
 * - `failure`: a failed or undecided test without a cell, a file that did not load, an unhandled error.
 * - `cell`: worse if a cell of the earlier run is missing, because nothing is known of it. A new cell is `changed`, or
 *   worse if it is wrong or inconclusive.
 * - `verdict`: another verdict of a row, or a row that neither run could judge. A row that expects lost connections and
 *   keeps them has become better, although its test fails.
 * - `test`: how a test ended, if the verdict does not show the reason (a line that is not allowed, a lost message, a
 *   number of connections). A test that fails in both runs is compared by its reasons.
 * - `lost`: requests without a good answer; and messages that never arrived. More of them is worse if the row asserts
 *   that none is lost. If the row asserts that some requests are lost, more is worse only beyond luck. If the row asserts
 *   nothing of them, it is no clear change.
 * - `slowed`: requests that wait for a reconnect. More of them is worse if the row asserts that there are none, unless
 *   both runs have as few as the row tolerates. If it asserts some, more is worse only beyond luck. If it asserts either,
 *   two other changes are worse as well: a clearly longer median wait, if requests are sent one at a time; and more
 *   requests that were slow for another reason, beyond luck. Otherwise each of these is `changed` at most.
 * - `median`: each route's median answer time, without requests that a reconnect slowed. Longer is worse only if the
 *   row asserts that every request is answered, and sends one at a time; and only beyond the difference between runs of
 *   one version.
 * - `ratio`: of throughput. Worse or better only if the two intervals are disjoint.
 * - `version`: of a part, as the applications report it: `changed`.
 * - `claim`: `changed`; the verdicts behind it are compared themselves.
 */
const rules = {
  run: ({ results: before }, { results: after, failed }) => runChanges(before, after, failed),
  failure: ({ results: before }, { results: after }) => failureChanges(before, after),
  cell: compareCells,
  verdict: compareVerdicts,
  test: compareStates,
  lost: (before, after) => impacts(before, after, isRow, lostChanges),
  slowed: (before, after) => impacts(before, after, isHeartbeat, slowedChanges),
  median: (before, after) => impacts(before, after, isHeartbeat, medianChanges),
  ratio: compareRatios,
  version: compareVersions,
  claim: compareClaims,
} as const satisfies Record<string, (before: Side, after: Side) => Change[]>;
type RuleName = keyof typeof rules;

/** What has changed between two runs. */
export interface RunComparison {
  readonly changes: readonly (Change & { readonly rule: RuleName })[];
  /** Cells that are in both. */
  readonly cells: number;
}

/**
 * Compares a later run with an earlier one.
 *
 * @param failed whether the command of the later run failed; its results must then say why.
 */
export function compareResults(before: Results, after: Results, failed = false): RunComparison {
  const [a, b] = [sideOf(before), { ...sideOf(after), failed }];
  const changes = Object.entries(rules).flatMap(([rule, compare]) =>
    compare(a, b).map((change) => ({ rule: rule as RuleName, ...change })),
  );
  return { changes, cells: pairs(a, b).length };
}

/** What parts change, if a run executed the same rows with and without them; otherwise undefined. */
export function partsComparison(results: Results): RunComparison | undefined {
  const executed = new Map(testsOf(results, isRow).map((test) => [test.cell.id, test]));
  const pairs = [...executed].flatMap(([id, without]) => {
    const withParts = executed.get(idWithParts(id));
    return withParts ? [{ without, withParts: { ...withParts, cell: { ...withParts.cell, id } } }] : [];
  });
  if (pairs.length === 0) return undefined;
  // How the run ended says nothing about the parts.
  const { endedEarly: _, failures: __, ...run } = results;
  return compareResults(
    { ...run, tests: pairs.map(({ without }) => without) },
    { ...run, tests: pairs.map(({ withParts }) => withParts) },
  );
}

/** Whether anything got worse in the later run, or could not be judged. */
export function gotWorse({ changes }: RunComparison): boolean {
  return changes.some(({ direction }) => failsGate(direction));
}

/** The width of a column; a reason can be long. */
const MOST_CHARACTERS = 60;

/**
 * The comparison for people: a table, worst first, and a sentence.
 *
 * @param coloured colours a line.
 */
export function runComparisonLines(
  { changes, cells }: RunComparison,
  coloured: (direction: Direction, text: string) => string = (_direction, text) => text,
): string[] {
  const sorted = directions.flatMap((direction) =>
    changes.filter((change) => change.direction === direction),
  );
  const rows = sorted.map(({ rule, subject, before, after, direction }) => [
    direction,
    rule,
    // A GitHub runner takes a line of its own for a command.
    ...[subject, before, after].map((text) => cut(text.replaceAll(/\p{Cc}+/gu, ' '), MOST_CHARACTERS)),
  ]);
  const table = aligned([['', '', '', 'before', 'after'], ...rows]).map((line, index) => {
    const change = sorted[index - 1];
    return change ? coloured(change.direction, line) : line;
  });
  const counted = [...grouped(sorted, ({ direction }) => direction)].map(
    ([direction, all]) => `${all.length} ${direction}`,
  );
  const sentence = `${count(cells, 'cell')} in both: ${counted.length === 0 ? 'nothing has changed' : counted.join(', ')}`;
  return sorted.length === 0 ? [sentence] : [...table, '', sentence];
}

/** A run as the rules need it. */
interface Side {
  readonly results: Results;
  /** By the row's id, or by the name of another cell. */
  readonly tests: ReadonlyMap<string, TestResult>;
  /** Whether the command of the run failed, if that is known. */
  readonly failed?: boolean;
}

function sideOf(results: Results): Side {
  const tests = new Map<string, TestResult>();
  for (const test of results.tests) {
    const name = nameOf(test.cell);
    // Several tests may execute the same row.
    let key = name;
    for (let time = 2; tests.has(key); time++) key = `${name} (${time})`;
    tests.set(key, test);
  }
  return { results, tests };
}

/** Two runs may differ in the versions of libraries: that is what is compared. */
function nameOf(cell: CellRecord): string {
  return isRow(cell) ? cell.id : `${deploymentName({ ...cell.deployment, parts: undefined })}, ${cell.kind}`;
}

function pairs(before: Side, after: Side): [subject: string, before: TestResult, after: TestResult][] {
  return [...before.tests].flatMap(([subject, a]) => {
    const b = after.tests.get(subject);
    return b ? [[subject, a, b]] : [];
  });
}

function compareCells(before: Side, after: Side): Change[] {
  const gone = [...before.tests.keys()].filter((key) => !after.tests.has(key));
  const added = [...after.tests].filter(([key]) => !before.tests.has(key));
  return [
    ...gone.map((subject) => ({ subject, before: 'there', after: 'missing', direction: 'worse' }) as const),
    ...added.map(([subject, test]) => ({
      subject,
      before: 'not there',
      after: verdictWords(test) ?? stateWords(test),
      direction: isAmiss(test) ? ('worse' as const) : ('changed' as const),
    })),
  ];
}

/** Whether a test that only the later run has is a reason to fail the gate. */
function isAmiss(test: TestResult): boolean {
  const all = [testStanding(test), ...(isRow(test.cell) ? [rowStanding(test.cell)] : [])];
  return all.includes('wrong') || all.includes('inconclusive');
}

function compareVerdicts(before: Side, after: Side): Change[] {
  return pairs(before, after).flatMap(([subject, a, b]) => {
    const [was, is, direction] = [verdictWords(a), verdictWords(b), verdictDirection(a, b)];
    if (was === undefined || is === undefined || direction === undefined) return [];
    return [{ subject, before: was, after: is, direction }];
  });
}

/** What another verdict means; undefined: nothing, or how the test ended says it better. */
function verdictDirection({ cell: a }: TestResult, { cell: b }: TestResult): Direction | undefined {
  if (!isRow(a) || !isRow(b)) return undefined;
  const outcome = a.verdict.kind === b.verdict.kind;
  if (outcome && b.verdict.kind !== 'inconclusive') return undefined;
  const expectation = expectationWords(a.expect) === expectationWords(b.expect);
  const direction = transition(rowStanding(a), rowStanding(b), { outcome, expectation });
  return outcome && !failsGate(direction) ? undefined : direction;
}

function compareStates(before: Side, after: Side): Change[] {
  return pairs(before, after).flatMap(([subject, a, b]) => {
    const [expectedThen, expectedNow] = [expectationOf(a), expectationOf(b)];
    const isSameExpectation = expectedThen === expectedNow;
    const failedTwice = a.state === 'failed' && testStanding(b) === 'wrong';
    const [newReason] = failedTwice ? otherThan(reasonsOf(a), reasonsOf(b)) : [];
    const isSameOutcome = newReason === undefined;
    const same = { outcome: isSameOutcome, expectation: isSameExpectation };
    const direction = transition(testStanding(a), testStanding(b), same);
    if (direction === undefined) return [];
    // The change of the verdict has said it, unless there is a new reason.
    const ofVerdict = verdictDirection(a, b);
    if (isSameOutcome && (direction === ofVerdict || failsGate(ofVerdict))) return [];
    const words = (test: TestResult, expected: string | undefined) =>
      isSameExpectation || expected === undefined
        ? stateWords(test)
        : `${stateWords(test)}, expected ${expected}`;
    return [
      {
        subject,
        before: words(a, expectedThen),
        after: isSameOutcome ? words(b, expectedNow) : `failed for another reason: ${newReason}`,
        direction,
      },
    ];
  });
}

function expectationOf({ cell }: TestResult): string | undefined {
  return isRow(cell) ? expectationWords(cell.expect) : undefined;
}

function impacts(
  before: Side,
  after: Side,
  is: (cell: CellRecord) => boolean,
  compare: (before: ExecutedRow, after: ExecutedRow) => ImpactChange[],
): Change[] {
  return pairs(before, after).flatMap(([subject, ...tests]) => {
    const [a, b] = tests.map(({ cell }) => (is(cell) ? executedRow(cell) : undefined));
    return a && b ? compare(a, b).map((change) => ({ subject, ...change })) : [];
  });
}

function executedRow(cell: CellRecord): ExecutedRow | undefined {
  if (!isRow(cell) || !cell.traffic) return undefined;
  const { traffic, expect } = cell;
  const figures = figuresOf(cell);
  return figures && { traffic, expect, figures };
}

function compareRatios(before: Side, after: Side): Change[] {
  return pairs(before, after).flatMap(([subject, { cell: a }, { cell: b }]) => {
    if (!isThroughput(a) || !isThroughput(b)) return [];
    const [was, is] = [estimateIn(a.verdict), estimateIn(b.verdict)];
    if (was?.ratio === is?.ratio) return [];
    return [{ subject, before: ratioWords(was), after: ratioWords(is), direction: ratioDirection(was, is) }];
  });
}

function ratioDirection(was: Estimate | undefined, is: Estimate | undefined): Direction {
  if (!was?.interval || !is?.interval) return 'no clear change';
  if (is.interval.high < was.interval.low) return 'worse';
  return is.interval.low > was.interval.high ? 'better' : 'no clear change';
}

function compareVersions(before: Side, after: Side): Change[] {
  const [was, is] = [versionsOf(before.results), versionsOf(after.results)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((subject) => {
    const [a, b] = [was.get(subject) ?? 'none', is.get(subject) ?? 'none'];
    return a === b ? [] : [{ subject, before: a, after: b, direction: 'changed' } as const];
  });
}

function compareClaims(before: Side, after: Side): Change[] {
  return after.results.claims.flatMap(({ sentence, answer }) => {
    const was = before.results.claims.find((claim) => claim.sentence === sentence)?.answer;
    return was === undefined || was === answer
      ? []
      : [{ subject: sentence, before: was, after: answer, direction: 'changed' } as const];
  });
}

function verdictWords({ cell }: TestResult): string | undefined {
  return isRow(cell) ? verdictInShort(cell) : undefined;
}

function ratioWords(estimate: Estimate | undefined): string {
  if (!estimate) return 'not measured';
  const { ratio, interval } = estimate;
  return interval
    ? `${ratio.toFixed(3)} (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`
    : `${ratio.toFixed(3)} (too few blocks)`;
}

/** Versions of each part; several if the run had several Debian releases. */
function versionsOf({ tests }: Results): Map<string, string> {
  const reported = tests.flatMap(({ cell }) => reportedVersions(cell));
  return new Map(
    [...grouped(reported, ([part]) => part)].map(([part, all]) => [
      part,
      [...new Set(all.map(([, version]) => version ?? 'none'))].sort().join(', '),
    ]),
  );
}

function reportedVersions(cell: CellRecord): [part: string, version: string | null][] {
  if (!isRow(cell)) return [];
  const servers = [figuresOf(cell) ?? [], Object.values(cell.throughput?.servers ?? {})].flat();
  return servers.flatMap(({ versions }) => Object.entries(versions));
}
