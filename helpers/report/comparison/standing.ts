import { routes } from '../../applications/routes.ts';
import { isRow, type RowRecord } from '../../record/record.ts';
import { isInformational } from '../../rows/expectation.ts';
import { isWrong } from '../../verdict/violations.ts';
import type { TestResult } from '../results/results.ts';
import type { Standing } from './transition.ts';

/** How a test compares with what its row asserts, by how the test ended. */
const stateStandings = {
  passed: 'as expected',
  failed: 'wrong',
  pending: 'inconclusive',
  informational: 'informational',
} as const satisfies Record<TestResult['state'], Standing>;

/** How a test compares with what its row asserts. A row that is better than expected fails its test. */
export function testStanding({ state, cell }: TestResult): Standing {
  const better = isRow(cell) && cell.betterThanExpected === true && state === 'failed';
  return better ? 'better than expected' : stateStandings[state];
}

/** How a row's verdict compares with what the row asserts. The test's state shows other violations. */
export function rowStanding({ verdict, expect, violations, betterThanExpected }: RowRecord): Standing {
  if (betterThanExpected) return 'better than expected';
  if (verdict.kind === 'inconclusive' && violations.length > 0) return 'inconclusive';
  if (isWrong(verdict, expect)) return 'wrong';
  return isInformational(expect) ? 'informational' : 'as expected';
}

/** Why a test failed, without figures and names of requests, which differ by luck. */
export function reasonsOf({ cell, errors = [] }: TestResult): string[] {
  if (!isRow(cell) || cell.violations.length === 0) return errors.map(withoutFigures);
  return cell.violations.map(reasonOf).map(withoutFigures);
}

const OF_FIRST_EXECUTION = /^in the first execution: /;
/** Errors in logs, verdicts and answers of a route are compared whole; other violations by the words before details. */
const WHOLE = new RegExp(`^(not allowed: |the verdict is |(${routes.join('|')}): )`);

function reasonOf(violation: string): string {
  const reason = violation.replace(OF_FIRST_EXECUTION, '');
  return WHOLE.test(reason) ? firstAndLastLine(reason) : (reason.split(': ')[0] as string);
}

/** The last line of a traceback names the error. */
function firstAndLastLine(text: string): string {
  const lines = text.trimEnd().split('\n');
  return lines.length > 1 ? `${lines[0]} … ${lines.at(-1)}` : text;
}

/** The later reasons that are new. */
export function otherThan(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((reason) => !before.includes(reason));
}

/** The first line of a text; words with a digit (times, process ids, names of requests) are a `#`. */
export function withoutFigures(text: string): string {
  return (text.split('\n')[0] as string).replaceAll(/\S*\d\S*(?:\s+\S*\d\S*)*/g, '#');
}
