import { claims } from '../../record/claims.ts';
import type { CellRecord } from '../../record/record.ts';
import { repeatedRows } from '../../record/repeats.ts';
import { type Failure, RESULTS_VERSION, type Results, type TestResult } from '../../record/results-schema.ts';

export type { Failure, Results, TestResult };

/** A test of one kind of cell. */
export type TestOf<Cell extends CellRecord> = TestResult & { readonly cell: Cell };

/** The group of a test: the names of its suites. */
export function groupOf({ name }: Pick<TestResult, 'name'>): string {
  return name.split(' > ').slice(0, -1).join(', ');
}

/**
 * The tests of one kind of cell, in the order of the run.
 *
 * @param is the kind: one of the predicates of record/record.ts.
 */
export function testsOf<Cell extends CellRecord>(
  { tests }: Pick<Results, 'tests'>,
  is: (cell: CellRecord) => cell is Cell,
): TestOf<Cell>[] {
  return tests.filter((test): test is TestOf<Cell> => is(test.cell));
}

/** Puts a run's results together. */
export function resultsOf(
  run: Omit<Results, 'version' | 'claims' | 'repeated' | 'tests'>,
  tests: readonly TestResult[],
): Results {
  const cells = tests.map(({ cell }) => cell);
  const repeated = repeatedRows(cells);
  return {
    version: RESULTS_VERSION,
    ...run,
    claims: claims(cells),
    ...(repeated.length > 0 && { repeated }),
    tests,
  };
}

/** How a test ended, in words. */
export function stateWords({ state }: Pick<TestResult | Failure, 'state'>): string {
  return state === 'pending' ? 'not decided' : state;
}
