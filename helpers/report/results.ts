import { type CellRecord, isKind } from '../verdict/cell-record.ts';
import { claims } from '../verdict/claims.ts';
import { type Failure, RESULTS_VERSION, type Results, type TestResult } from './results-schema.ts';

export type { Failure, Results, TestResult };

/** A test of a cell of one kind. */
export type TestOf<K extends CellRecord['kind']> = TestResult & {
  readonly cell: Extract<CellRecord, { kind: K }>;
};

/** The group that a test is in, by its name. Pure. */
export function groupOf({ name }: Pick<TestResult, 'name'>): string {
  return name.split(' > ').slice(0, -1).join(', ');
}

/** The tests of cells of one kind, in the order of the run. */
export function testsOf<K extends CellRecord['kind']>(
  { tests }: Pick<Results, 'tests'>,
  kind: K,
): TestOf<K>[] {
  const is = isKind(kind);
  return tests.filter((test): test is TestOf<K> => is(test.cell));
}

/** Puts a run's results together. Pure. */
export function resultsOf(
  run: Omit<Results, 'version' | 'claims' | 'tests'>,
  tests: readonly TestResult[],
): Results {
  return { version: RESULTS_VERSION, ...run, claims: claims(tests.map(({ cell }) => cell)), tests };
}

/** How a test ended, in words. Pure. */
export function stateWords({ state }: Pick<TestResult | Failure, 'state'>): string {
  return state === 'pending' ? 'not decided' : state;
}
