import { type Deployment, deploymentName, routeName } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { CellRecord } from '../verdict/cell-record.ts';
import { disturbanceWords } from '../verdict/disturbance-row.ts';
import { expectationWords, type RequestExpectation, servedName } from '../verdict/row.ts';
import type { Estimate } from '../verdict/throughput-estimate.ts';
import { aligned } from './aligned.ts';
import {
  type Direction,
  directions,
  lostChange,
  medianChanges,
  type Played,
  type PriceChange,
  slowedChanges,
} from './compare-price.ts';
import { type Results, type TestResult, testsOf } from './results.ts';
import { isJudged, verdictInShort } from './verdict-in-short.ts';
import { cut } from './wrapped.ts';

/** One thing that is not as it was. */
export interface Change {
  readonly rule: RuleName;
  /** What it is about: a cell, a part. */
  readonly subject: string;
  readonly before: string;
  readonly after: string;
  readonly direction: Direction;
}

/**
 * What is compared, and what counts as worse: the later run fails the gate (exit code 1) if anything got worse, or
 * could not be told.
 *
 * - `cell`: worse if a cell of the earlier run is missing: what is not measured is not known to be as
 *   good. One that is new is `changed`, or worse if it failed.
 * - `verdict`: worse if it was as its test expects and is so no more, `inconclusive` included; better the
 *   other way round; not told if it is `inconclusive` and was not as expected before either; else `changed`, as it
 *   always is where the verdict is only reported.
 * - `test`: worse if it fails now and did not, and no worse verdict says so: an undeclared line in a log, a
 *   lost message, a claim about connections.
 * - `lost`: requests without a good answer, and messages that never arrived. More of them is worse where
 *   each must be answered; where some must be lost, only if there are more than luck explains; where loss is a
 *   matter of luck, it is no clear change.
 * - `slowed`: who pays, by waiting for a reconnect. More of them is worse where none may be; where some must be,
 *   only if there are more than luck explains, or if they wait longer. Elsewhere it is `changed` at most.
 * - `median`: of a route's answers, of requests that nothing has slowed. Longer is worse where each must be
 *   answered, and only if it is longer than runs of one version differ.
 * - `ratio`: of throughput. Worse or better only if the two intervals are disjoint.
 * - `version`: of a part, by the applications' own word: `changed`.
 * - `claim`: `changed`; the verdicts that it is drawn from are judged themselves.
 */
const rules = {
  cell: compareCells,
  verdict: compareVerdicts,
  test: compareStates,
  lost: compareLost,
  slowed: compareSlowed,
  median: compareMedians,
  ratio: compareRatios,
  version: compareVersions,
  claim: compareClaims,
} as const satisfies Record<string, (before: Side, after: Side) => Omit<Change, 'rule'>[]>;
export type RuleName = keyof typeof rules;

/** Two runs, held against each other. */
export interface RunComparison {
  readonly changes: readonly Change[];
  /** Cells that are in both. */
  readonly cells: number;
}

/** Holds a later run against an earlier one. Pure. */
export function compareResults(before: Results, after: Results): RunComparison {
  const [a, b] = [sideOf(before), sideOf(after)];
  const changes = Object.entries(rules).flatMap(([rule, compare]) =>
    compare(a, b).map((change) => ({ rule: rule as RuleName, ...change })),
  );
  return { changes, cells: pairs(a, b).length };
}

/**
 * What parts change, where a run played the same rows without them as well; undefined where it did not. Pure.
 */
export function partsComparison(results: Results): RunComparison | undefined {
  const played = testsOf(results, 'heartbeat');
  const [without, withParts] = [false, true].map((parts) =>
    played.filter(({ cell }) => (cell.deployment.parts !== undefined) === parts),
  ) as [TestResult[], TestResult[]];
  const inBoth = (some: readonly TestResult[], others: readonly TestResult[]): Results => {
    const names = new Set(others.map(({ cell }) => cellName(cell)));
    return { ...results, tests: some.filter(({ cell }) => names.has(cellName(cell))) };
  };
  const [before, after] = [inBoth(without, withParts), inBoth(withParts, without)];
  return before.tests.length === 0 ? undefined : compareResults(before, after);
}

/** Whether the later run is the worse one in any way, or it could not be told. */
export function gotWorse({ changes }: RunComparison): boolean {
  return changes.some(({ direction }) => direction === 'worse' || direction === 'could not tell');
}

/** Of a column; a reason can be long. */
const MOST_CHARACTERS = 60;

/** The comparison for people: a table, worst first, and a sentence. `coloured` is given what it is to colour. */
export function comparisonLines(
  { changes, cells }: RunComparison,
  coloured: (direction: Direction, text: string) => string = (_direction, text) => text,
): string[] {
  const sorted = directions.flatMap((direction) => changes.filter((it) => it.direction === direction));
  const rows = sorted.map(({ rule, subject, before, after, direction }) => [
    direction,
    rule,
    ...[subject, before, after].map((text) => cut(text, MOST_CHARACTERS)),
  ]);
  const table = aligned([['', '', '', 'before', 'after'], ...rows]).map((line, index) => {
    const change = sorted[index - 1];
    return change ? coloured(change.direction, line) : line;
  });
  const counted = directions
    .map((direction) => [changes.filter((it) => it.direction === direction).length, direction] as const)
    .filter(([count]) => count > 0)
    .map(([count, direction]) => `${count} ${direction}`);
  const sentence = `${cells} cell${cells === 1 ? '' : 's'} in both: ${counted.length === 0 ? 'nothing has changed' : counted.join(', ')}`;
  return sorted.length === 0 ? [sentence] : [...table, '', sentence];
}

/** A run as the rules want it. */
interface Side {
  readonly results: Results;
  /** By what a cell is: its deployments and its traffic. */
  readonly tests: ReadonlyMap<string, TestResult>;
}

function sideOf(results: Results): Side {
  const tests = new Map<string, TestResult>();
  for (const test of results.tests) {
    const name = cellName(test.cell);
    // The same cell may be in two tables.
    let key = name;
    for (let time = 2; tests.has(key); time++) key = `${name} (${time})`;
    tests.set(key, test);
  }
  return { results, tests };
}

/** A cell is the same one with other versions of the libraries: that is what is compared. */
function cellName(cell: CellRecord): string {
  const name = (it: Deployment) => deploymentName({ ...it, parts: undefined });
  switch (cell.kind) {
    case 'heartbeat':
      return `${servedName({ ...cell, deployment: { ...cell.deployment, parts: undefined } })}, ${cell.scenario.name}`;
    case 'disturbance':
      return `${name(cell.deployment)}, ${disturbanceWords(cell)}`;
    case 'throughput':
      return `${name(cell.candidate)} against ${name(cell.baseline)} on ${routeName(cell.baseline, cell.load.route)}`;
    default:
      return `${name(cell.deployment)}, ${cell.kind}`;
  }
}

function pairs(before: Side, after: Side): [subject: string, before: TestResult, after: TestResult][] {
  return [...before.tests].flatMap(([subject, a]) => {
    const b = after.tests.get(subject);
    return b ? [[subject, a, b]] : [];
  });
}

function compareCells(before: Side, after: Side): Omit<Change, 'rule'>[] {
  const gone = [...before.tests.keys()].filter((key) => !after.tests.has(key));
  const added = [...after.tests].filter(([key]) => !before.tests.has(key));
  return [
    ...gone.map((subject) => ({ subject, before: 'there', after: 'missing', direction: 'worse' }) as const),
    ...added.map(([subject, test]) => ({
      subject,
      before: 'not there',
      after: verdictWords(test) ?? test.state,
      direction: test.state === 'failed' ? ('worse' as const) : ('changed' as const),
    })),
  ];
}

function compareVerdicts(before: Side, after: Side): Omit<Change, 'rule'>[] {
  return pairs(before, after).flatMap(([subject, a, b]) => {
    const [was, is] = [verdictWords(a), verdictWords(b)];
    if (was === undefined || is === undefined) return [];
    if (isUntold(a.cell, b.cell)) return [{ subject, before: was, after: is, direction: 'could not tell' }];
    if (kindOf(a.cell) === kindOf(b.cell)) return [];
    return [{ subject, before: was, after: is, direction: verdictDirection(a.cell, b.cell) }];
  });
}

/** What is asserted of a cell's heartbeat, in words. */
function expectedOf({ cell }: TestResult): string | undefined {
  return cell.kind === 'heartbeat' ? expectationWords(cell.expected) : undefined;
}

function compareStates(before: Side, after: Side): Omit<Change, 'rule'>[] {
  return pairs(before, after).flatMap(([subject, a, b]) => {
    // Where another verdict is worse or better, that has been said.
    const said = kindOf(a.cell) !== kindOf(b.cell) && verdictDirection(a.cell, b.cell) !== 'changed';
    if (a.state === b.state || said) return [];
    const [asked, asks] = [expectedOf(a), expectedOf(b)];
    // Who expects something else has not become better by that.
    const became = a.state === 'failed' && asked === asks ? 'better' : 'changed';
    const words = (state: string, expected?: string) =>
      asked === asks || expected === undefined ? state : `${state}, expected ${expected}`;
    return [
      {
        subject,
        before: words(a.state, asked),
        after: words(b.state, asks),
        direction: b.state === 'failed' ? 'worse' : became,
      } as const,
    ];
  });
}

function compareLost(before: Side, after: Side): Omit<Change, 'rule'>[] {
  return pairs(before, after).flatMap(([subject, { cell: a }, { cell: b }]) => {
    const requests = mustBecome(b);
    if (!requests || !hasEvidence(a) || !hasEvidence(b)) return [];
    return lostChange(a, b, requests).map((change) => ({ subject, ...change }));
  });
}

/** What must become of a cell's requests; undefined where that is no question. */
function mustBecome(cell: CellRecord): RequestExpectation | undefined {
  if (cell.kind === 'heartbeat') return cell.expected.requests;
  if (cell.kind !== 'disturbance') return undefined;
  return cell.expected.lost === 'nothing' ? 'all answered' : 'reported';
}

function hasEvidence(cell: CellRecord): cell is CellRecord & { readonly evidence: Evidence } {
  return (cell.kind === 'heartbeat' || cell.kind === 'disturbance') && cell.evidence !== undefined;
}

function compareSlowed(before: Side, after: Side): Omit<Change, 'rule'>[] {
  return priced(before, after, slowedChanges);
}

function compareMedians(before: Side, after: Side): Omit<Change, 'rule'>[] {
  return priced(before, after, (a, b) =>
    medianChanges(a, b).map(({ route, before, after, direction }) => ({
      before: `${route} ${before}`,
      after: `${route} ${after}`,
      direction,
    })),
  );
}

function priced(
  before: Side,
  after: Side,
  compare: (before: Played, after: Played) => PriceChange[],
): Omit<Change, 'rule'>[] {
  return pairs(before, after).flatMap(([subject, { cell: a }, { cell: b }]) =>
    isPlayed(a) && isPlayed(b) ? compare(a, b).map((change) => ({ subject, ...change })) : [],
  );
}

function compareRatios(before: Side, after: Side): Omit<Change, 'rule'>[] {
  return pairs(before, after).flatMap(([subject, { cell: a }, { cell: b }]) => {
    if (a.kind !== 'throughput' || b.kind !== 'throughput') return [];
    const [was, is] = [a.verdict.estimate, b.verdict.estimate];
    if (was?.ratio === is?.ratio) return [];
    return [{ subject, before: ratioWords(was), after: ratioWords(is), direction: ratioDirection(was, is) }];
  });
}

function ratioDirection(was: Estimate | undefined, is: Estimate | undefined): Direction {
  if (!was?.interval || !is?.interval) return 'no clear change';
  if (is.interval.high < was.interval.low) return 'worse';
  return is.interval.low > was.interval.high ? 'better' : 'no clear change';
}

function compareVersions(before: Side, after: Side): Omit<Change, 'rule'>[] {
  const [was, is] = [versionsOf(before.results), versionsOf(after.results)];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((subject) => {
    const [a, b] = [was.get(subject) ?? 'none', is.get(subject) ?? 'none'];
    return a === b ? [] : [{ subject, before: a, after: b, direction: 'changed' } as const];
  });
}

function compareClaims(before: Side, after: Side): Omit<Change, 'rule'>[] {
  return after.results.claims.flatMap(({ sentence, answer }) => {
    const was = before.results.claims.find((it) => it.sentence === sentence)?.answer;
    return was === undefined || was === answer
      ? []
      : [{ subject: sentence, before: was, after: answer, direction: 'changed' } as const];
  });
}

function isPlayed(cell: CellRecord): cell is Played {
  return cell.kind === 'heartbeat' && cell.evidence !== undefined;
}

function kindOf(cell: CellRecord): string | undefined {
  return isJudged(cell) ? cell.verdict.kind : undefined;
}

function verdictWords({ cell }: TestResult): string | undefined {
  return isJudged(cell) ? verdictInShort(cell) : undefined;
}

/** Whether a verdict that counts could not be drawn, where it was not as it should be before either. */
function isUntold(before: CellRecord, after: CellRecord): boolean {
  const stillWrong = asExpected(before) === false && asExpected(after) === false;
  return stillWrong && kindOf(after) === 'inconclusive';
}

/** What another verdict means, or the same one; where it is only reported, nothing. */
function verdictDirection(before: CellRecord, after: CellRecord): Direction {
  const [was, is] = [asExpected(before), asExpected(after)];
  if (was === undefined || is === undefined || was === is) return 'changed';
  return was ? 'worse' : 'better';
}

/** Whether the verdict is as its row expects; undefined where it is only reported. */
function asExpected(cell: CellRecord): boolean | undefined {
  if (!isJudged(cell) || cell.expected === undefined) return undefined;
  const { kind } = cell.verdict;
  switch (cell.kind) {
    case 'throughput':
      return kind === cell.expected;
    case 'disturbance':
      return cell.expected.verdict && kind === cell.expected.verdict;
    case 'heartbeat':
      return cell.expected.verdict?.some((it) => it === kind);
  }
}

function ratioWords(estimate: Estimate | undefined): string {
  if (!estimate) return 'not measured';
  const { ratio, interval } = estimate;
  return interval
    ? `${ratio.toFixed(3)} (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`
    : `${ratio.toFixed(3)} (too few blocks)`;
}

/** Versions of each part; several where the run had several Debian releases. */
function versionsOf({ tests }: Results): Map<string, string> {
  const found = new Map<string, Set<string>>();
  for (const { cell } of tests) {
    for (const [part, version] of reportedVersions(cell)) {
      found.set(part, (found.get(part) ?? new Set()).add(version ?? 'none'));
    }
  }
  return new Map([...found].map(([part, versions]) => [part, [...versions].sort().join(', ')]));
}

function reportedVersions(cell: CellRecord): [part: string, version: string | null][] {
  if (!isJudged(cell) || !cell.evidence) return [];
  const servers = 'servers' in cell.evidence ? Object.values(cell.evidence.servers) : [cell.evidence.server];
  return servers.flatMap(({ versions }) => Object.entries(versions));
}
