import '../../helpers/report/task-meta.ts';
import { expect, type TestContext } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { deploymentName } from '../../helpers/deployment/deployment.ts';
import { type PlayOptions, playRow } from '../../helpers/experiment/play-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { saveLogs, whereItStands } from '../../helpers/report/logs.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { objections } from '../../helpers/verdict/expectation.ts';
import { expectationWords, type Row } from '../../helpers/verdict/row.ts';
import { tellOf } from './tell.ts';

/** Plays a row for a test: tells the reporters of it, and keeps the logs of what is not as expected. */
export async function heartbeatRecord(
  lab: Lab,
  row: Row,
  { task }: Pick<TestContext, 'task'>,
  planted: PlayOptions = {},
): Promise<HeartbeatRecord> {
  const { tell, progress, heard } = tellOf(task);
  const record = await playRow(lab, row, {
    tell,
    progress,
    onJudged: async (judged, seen) => {
      if (objections(judged).length > 0) await saveLogs(task.name, judged, seen);
    },
    ...planted,
  });
  await heard();
  // With it the test is decided: nothing is waited for any more that a run's early end could cut off.
  task.meta.cell = record;
  return record;
}

/** A failing test prints so many lines of what speaks against it; the rest is in the logs. */
const MOST_LINES = 5;

/** Fails unless what the row asserts is so and everything else about the run was in order. */
export function expectAsTold(record: HeartbeatRecord, { name }: { name: string }): void {
  const against = objections(record);
  if (against.length === 0) return;
  const { deployment, expected, why } = record;
  const more = against.length > MOST_LINES ? [`… and ${against.length - MOST_LINES} more`] : [];
  const failure = new Error(
    [
      `${deploymentName(deployment)} should be ${expectationWords(expected)}: ${why}`,
      ...against.slice(0, MOST_LINES),
      ...more,
      `all of it: ${whereItStands(name, record)}`,
    ].join('\n'),
  );
  // The row's test is where a reader should look, not this function.
  Error.captureStackTrace(failure, expectAsTold);
  throw failure;
}

/** Fails unless every heartbeat error is the line that this loop prints, to the letter; of the stub, since others have a log of another form. */
export function expectLines({ deployment, evidence }: HeartbeatRecord, line: RegExp): void {
  if (deployment.application !== stub.name) return;
  for (const error of evidence?.heartbeatErrors ?? []) expect(error.line).toMatch(line);
}
