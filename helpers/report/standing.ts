import type { CellRecord } from '../verdict/cell-record.ts';
import { disturbanceObjections } from '../verdict/disturbance-expectation.ts';
import { bearsOn, objections } from '../verdict/expectation.ts';
import { assertsAnything } from '../verdict/row.ts';
import type { TestResult } from './results.ts';
import type { Standing } from './transition.ts';
import { isJudged, type JudgedRecord } from './verdict-in-short.ts';

/** How the end of a test stands to what was asked of it. */
export const stateStandings = {
  passed: 'as expected',
  failed: 'wrong',
  pending: 'inconclusive',
  reported: 'informational',
} as const satisfies Record<TestResult['state'], Standing>;

/** How a verdict stands to what its row expects. Pure. */
export function verdictStanding(cell: JudgedRecord): Standing {
  const { kind } = cell.verdict;
  const expected = expectedKinds(cell);
  if (expected?.includes(kind)) return 'as expected';
  if (kind === 'inconclusive') return isDoubted(cell) ? 'inconclusive' : 'informational';
  return expected ? 'wrong' : 'informational';
}

/** The verdicts that a row expects; undefined where none is asserted. */
function expectedKinds(cell: JudgedRecord): readonly string[] | undefined {
  if (cell.kind === 'heartbeat') return cell.expected.verdict;
  const one = cell.kind === 'disturbance' ? cell.expected.verdict : cell.expected;
  return one === undefined ? undefined : [one];
}

/** Whether a verdict that could not be drawn leaves anything open that the row asserts. */
function isDoubted(cell: JudgedRecord): boolean {
  if (cell.kind === 'disturbance') return true;
  if (cell.kind === 'throughput') return cell.expected !== undefined;
  const { verdict, expected } = cell;
  return verdict.kind === 'inconclusive' && assertsAnything(expected) && bearsOn(expected, verdict.cause);
}

/** Why a test failed, without what differs by luck: figures, and which of many requests it was. Pure. */
export function reasonsOf({ cell, errors = [] }: TestResult): string[] {
  const against = objectionsOf(cell);
  if (against.length === 0) return errors.map(withoutFigures);
  const { undeclared = [] } = (isJudged(cell) && cell.evidence) || {};
  return [...against.map((it) => it.split(': ')[0] as string), ...undeclared].map(withoutFigures);
}

function objectionsOf(cell: CellRecord): string[] {
  if (cell.kind === 'heartbeat') return objections(cell);
  return cell.kind === 'disturbance' ? disturbanceObjections(cell) : [];
}

/** The reasons that were not there before. Pure. */
export function otherThan(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((reason) => !before.includes(reason));
}

/** The first line of a text; words with a digit (times, process ids, names of requests) are a `#`. Pure. */
export function withoutFigures(text: string): string {
  return (text.split('\n')[0] as string).replaceAll(/\S*\d\S*(?:\s+\S*\d\S*)*/g, '#');
}
