import { type Deployment, deploymentName, routeName } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { CellRecord } from '../verdict/cell-record.ts';
import { disturbanceWords } from '../verdict/disturbance-row.ts';
import { type RequestExpectation, servedName } from '../verdict/row.ts';
import type { Estimate } from '../verdict/throughput-estimate.ts';
import { aligned } from './aligned.ts';
import { failureChanges, runChanges } from './compare-failures.ts';
import {
  type Direction,
  directions,
  lostChange,
  medianChanges,
  type Played,
  type PriceChange,
  slowedChanges,
} from './compare-price.ts';
import { type Results, stateWords, type TestResult, testsOf } from './results.ts';
import { otherThan, reasonsOf, stateStandings, verdictStanding } from './standing.ts';
import { holdsGate, transition } from './transition.ts';
import { expectedWords, isJudged, verdictInShort } from './verdict-in-short.ts';
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
 * could not be told. `transition.ts` says what a change of verdict, of a test's state or of a failure means.
 *
 * - `run`: the later run ended early, or its command failed and its results do not say why.
 * - `failure`: a test without a cell that failed or was not decided, a file that did not load, an unhandled error.
 * - `cell`: worse if a cell of the earlier run is missing, because nothing is known of it. A new cell is `changed`, or
 *   worse if it is not as expected.
 * - `verdict`: of a cell.
 * - `test`: how it ended, where no verdict says so: an undeclared line in a log, a lost message, a claim about
 *   connections. A test that fails in both runs is compared by its reasons.
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
  run: ({ results: before }, { results: after, failed }) => runChanges(before, after, failed),
  failure: ({ results: before }, { results: after }) => failureChanges(before, after),
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

/**
 * Holds a later run against an earlier one. Pure.
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

/**
 * What parts change, where a run played the same rows without them as well; undefined where it did not. Pure.
 */
export function partsComparison(results: Results): RunComparison | undefined {
  const played = testsOf(results, 'heartbeat');
  const [without, withParts] = [false, true].map((parts) =>
    played.filter(({ cell }) => (cell.deployment.parts !== undefined) === parts),
  ) as [TestResult[], TestResult[]];
  // What became of the run is no matter of the parts.
  const { endedEarly: _, failures: __, ...run } = results;
  const inBoth = (some: readonly TestResult[], others: readonly TestResult[]): Results => {
    const names = new Set(others.map(({ cell }) => cellName(cell)));
    return { ...run, tests: some.filter(({ cell }) => names.has(cellName(cell))) };
  };
  const [before, after] = [inBoth(without, withParts), inBoth(withParts, without)];
  return before.tests.length === 0 ? undefined : compareResults(before, after);
}

/** Whether the later run is the worse one in any way, or it could not be told. */
export function gotWorse({ changes }: RunComparison): boolean {
  return changes.some(({ direction }) => holdsGate(direction));
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
    // On a GitHub runner a line of its own could be a command to the runner.
    ...[subject, before, after].map((text) => cut(text.replaceAll(/\p{Cc}+/gu, ' '), MOST_CHARACTERS)),
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
  /** Whether the command of the run failed, where that is known. */
  readonly failed?: boolean;
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
      after: verdictWords(test) ?? stateWords(test),
      direction: isAmiss(test) ? ('worse' as const) : ('changed' as const),
    })),
  ];
}

/** Whether a test that is in the later run only is a reason to fail the gate. */
function isAmiss({ state, cell }: TestResult): boolean {
  const standing = stateStandings[state];
  const all = isJudged(cell) ? [standing, verdictStanding(cell)] : [standing];
  return all.includes('wrong') || all.includes('inconclusive');
}

function compareVerdicts(before: Side, after: Side): Omit<Change, 'rule'>[] {
  return pairs(before, after).flatMap(([subject, a, b]) => {
    const [was, is, direction] = [verdictWords(a), verdictWords(b), verdictDirection(a, b)];
    if (was === undefined || is === undefined || direction === undefined) return [];
    return [{ subject, before: was, after: is, direction }];
  });
}

/** What another verdict means; undefined: nothing, or it is better said by how the test ended. */
function verdictDirection({ cell: a }: TestResult, { cell: b }: TestResult): Direction | undefined {
  if (!isJudged(a) || !isJudged(b)) return undefined;
  const same = { outcome: kindOf(a) === kindOf(b), expectation: expectedWords(a) === expectedWords(b) };
  const direction = transition(verdictStanding(a), verdictStanding(b), same);
  return same.outcome && !holdsGate(direction) ? undefined : direction;
}

function compareStates(before: Side, after: Side): Omit<Change, 'rule'>[] {
  return pairs(before, after).flatMap(([subject, a, b]) => {
    const said = verdictDirection(a, b);
    const [asked, asks] = [a, b].map(({ cell }) => (isJudged(cell) ? expectedWords(cell) : undefined));
    const [news] = a.state === 'failed' && b.state === 'failed' ? otherThan(reasonsOf(a), reasonsOf(b)) : [];
    const same = { outcome: news === undefined, expectation: asked === asks };
    const direction = transition(stateStandings[a.state], stateStandings[b.state], same);
    // What the verdict says need not be said again.
    if (direction === undefined || direction === said || holdsGate(said)) return [];
    const words = (test: TestResult, expected?: string) =>
      asked === asks || expected === undefined
        ? stateWords(test)
        : `${stateWords(test)}, expected ${expected}`;
    return [
      {
        subject,
        before: words(a, asked),
        after: news === undefined ? words(b, asks) : `failed otherwise: ${news}`,
        direction,
      },
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
