import '../../helpers/report/results/task-meta.ts';
import { describe, type TestContext } from 'vitest';
import { RefusedError } from '../../helpers/deployment/deployment.ts';
import { executeRow } from '../../helpers/execution/execute-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import type { RowRecord } from '../../helpers/record/record.ts';
import { saveLogs, saveOperatorLogs, whereSaved } from '../../helpers/report/results/logs.ts';
import { expectationWords, isInformational } from '../../helpers/rows/expectation.ts';
import type { PlannedRow, RowGroup } from '../../helpers/rows/row.ts';
import { type TableFile, table } from '../table/index.ts';
import { emitterOf } from './emit.ts';
import { test } from './lab-test.ts';
import { rowsOfRun } from './rows-of-run.ts';

/** The parts of Vitest's context that a row's test needs. */
type RowContext = Pick<TestContext, 'task' | 'skip'> & { readonly lab: Lab };

/** Defines a test for each row of a file of the table. @throws RowError see {@link testsOfGroup}. */
export function testsOfFile(file: TableFile): void {
  for (const group of table[file]) testsOfGroup(group);
}

/**
 * Defines a test for each row of a group. Rows under traffic are executed side by side. Rows with a load are executed
 * one after another, because each needs the whole machine.
 *
 * @param skipped whether the options of the run leave the group out.
 * @throws RowError with one line for an invalid row.
 */
export function testsOfGroup(group: RowGroup, { skipped = false } = {}): void {
  const rows = rowsOfRun(group);
  const tests = () =>
    // Vitest derives from the pattern which fixtures a test needs.
    test.skipIf(skipped).for(rows)('%s', async ([, row], { lab, task, skip }) => {
      await asExpected(row, { lab, task, skip });
    });
  const isLoad = group.rows.some(({ load }) => load !== undefined);
  // Not describe.for, because Vitest executes the tests of such a suite one after another.
  if (isLoad) describe(group.title, tests);
  else describe.concurrent(group.title, tests);
}

/**
 * Executes a row in its test. The test fails if the row has violations. The test is skipped if the row is informational,
 * or if the user's application cannot be served like this.
 */
export async function asExpected(
  row: PlannedRow | RefusedError,
  { lab, task, skip }: RowContext,
): Promise<RowRecord> {
  if (row instanceof RefusedError) return skip(await emitRefused(task, row));
  const record = await executedIn(task, lab, row);
  expectNoViolations(record);
  if (isInformational(record.expect)) skip('informational: the row asserts nothing about its outcome');
  return record;
}

/** Executes a row for a test: emits its steps, saves the logs if there are violations, and records the result. */
export async function executedIn(task: TestContext['task'], lab: Lab, row: PlannedRow): Promise<RowRecord> {
  const { emit, progress, flush } = emitterOf(task);
  const record = await executeRow(lab, row, {
    emit,
    progress,
    onJudged: async (judged, seen) => {
      if (judged.violations.length > 0) await saveLogs(judged, seen);
      if (lab.description.options.logs === 'all') await saveOperatorLogs(judged, seen);
    },
  });
  await flush();
  // Last, because the early end of a run could cut off anything that is awaited later.
  task.meta.cell = record;
  return record;
}

/** Emits why a row is not executed. @returns the reason, for Vitest's `skip`. */
export async function emitRefused(task: TestContext['task'], { reason }: RefusedError): Promise<string> {
  const { emit, flush } = emitterOf(task);
  emit('not executed', reason);
  await flush();
  return reason;
}

/** A failing test prints at most this many violations; the logs have the rest. */
const MOST_LINES = 5;

/** @throws Error with the violations, the reason for the row's expectation, and the place of the logs. */
function expectNoViolations(record: RowRecord): void {
  const { id, expect, why, violations } = record;
  if (violations.length === 0) return;
  const more = violations.length - MOST_LINES;
  const failure = new Error(
    [
      `${id} expects ${isInformational(expect) ? 'nothing' : expectationWords(expect)}: ${why}`,
      ...violations.slice(0, MOST_LINES),
      ...(more > 0 ? [`… and ${more} more`] : []),
      `details: ${whereSaved(record)}`,
    ].join('\n'),
  );
  // Vitest shows the code at the top of the stack. The row's test helps a reader more than this function.
  Error.captureStackTrace(failure, asExpected);
  throw failure;
}
