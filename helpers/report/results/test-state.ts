import type { TestCase } from 'vitest/node';
import './task-meta.ts';

/** How a test ended; `informational`: it executed a row that asserts nothing about its outcome; `pending`: it was not decided. */
export type TestState = ReturnType<TestCase['result']>['state'] | 'informational';

/** The note of a test that the end of its run cut off. */
export const CUT_OFF = 'the run was cancelled';
// Vitest's own, for the tests that have not begun by then.
const CUT_OFF_BY_VITEST = 'The test run was aborted by the user.';

/** How a test ended. A skipped test that has a record has executed an informational row. */
export function stateOf(test: Pick<TestCase, 'result' | 'meta'>): TestState {
  const result = test.result();
  if (result.state !== 'skipped') return result.state;
  if (result.note === CUT_OFF || result.note === CUT_OFF_BY_VITEST) return 'pending';
  return test.meta().cell ? 'informational' : 'skipped';
}
