import type { TestCase } from 'vitest/node';
import './task-meta.ts';

/** How a test ended; `reported`: it played a row of which nothing is asserted. */
export type TestState = ReturnType<TestCase['result']>['state'] | 'reported';

/** How a test ended. One that is skipped although it told what it observed has played a row, and asserts nothing of it. */
export function stateOf(test: Pick<TestCase, 'result' | 'meta'>): TestState {
  const { state } = test.result();
  return state === 'skipped' && test.meta().cell ? 'reported' : state;
}
