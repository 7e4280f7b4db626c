import type { TestCase } from 'vitest/node';
import './task-meta.ts';

/** How a test ended; `reported`: it played a row of which nothing is asserted; `pending`: it was not decided. */
export type TestState = ReturnType<TestCase['result']>['state'] | 'reported';

/** The note of a test that the end of its run cut off. */
export const CUT_OFF = 'the run was cancelled';
// Vitest's own, for the tests that have not begun by then.
const CUT_OFF_BY_VITEST = 'The test run was aborted by the user.';

/** How a test ended. One that is skipped although it told what it observed has played a row, and asserts nothing of it. */
export function stateOf(test: Pick<TestCase, 'result' | 'meta'>): TestState {
  const result = test.result();
  if (result.state !== 'skipped') return result.state;
  if (result.note === CUT_OFF || result.note === CUT_OFF_BY_VITEST) return 'pending';
  return test.meta().cell ? 'reported' : 'skipped';
}
