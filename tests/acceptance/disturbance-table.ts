import '../../helpers/report/task-meta.ts';
import { describe } from 'vitest';
import { RefusedError } from '../../helpers/deployment/deployment.ts';
import { playDisturbance } from '../../helpers/experiment/play-disturbance.ts';
import { saveLogs, whereItStands } from '../../helpers/report/logs.ts';
import type { DisturbanceRecord } from '../../helpers/verdict/cell-record.ts';
import { disturbanceObjections } from '../../helpers/verdict/disturbance-expectation.ts';
import { assertsAnything, type DisturbanceTable } from '../../helpers/verdict/disturbance-row.ts';
import { test } from './lab-test.ts';
import { disturbedRowOfRun } from './rows-of-run.ts';
import { sayRefused, tellOf } from './tell.ts';

/**
 * Tests of rows in the middle of whose traffic something is disturbed, played side by side.
 *
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense.
 */
export function disturbanceTable({ title, rows }: DisturbanceTable): void {
  const titled = rows.map(disturbedRowOfRun);
  describe.concurrent(title, () => {
    test.for(titled)('%s', async ([, row], { lab, task, skip }) => {
      if (row instanceof RefusedError) return skip(await sayRefused(task, row));
      const { tell, progress, heard } = tellOf(task);
      const record = await playDisturbance(lab, row, {
        tell,
        progress,
        onJudged: async (judged, seen) => {
          if (disturbanceObjections(judged).length > 0) await saveLogs(task.name, judged, seen);
        },
      });
      task.meta.cell = record;
      await heard();
      expectAsTold(record, task);
      // Nothing that could have failed has passed.
      if (!assertsAnything(row.expected)) skip('reported: nothing certain can be expected of this row');
    });
  });
}

/** Fails unless what the row asserts is so and everything else about the run was in order. */
function expectAsTold(record: DisturbanceRecord, { name }: { name: string }): void {
  const against = disturbanceObjections(record);
  if (against.length === 0) return;
  const failure = new Error(
    [`${name}: ${record.why}`, ...against, `all of it: ${whereItStands(name, record)}`].join('\n'),
  );
  Error.captureStackTrace(failure, expectAsTold);
  throw failure;
}
