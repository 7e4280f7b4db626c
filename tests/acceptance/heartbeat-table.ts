import { describe } from 'vitest';
import { RefusedError } from '../../helpers/deployment/deployment.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { assertsAnything, type TablePart } from '../../helpers/verdict/row.ts';
import { expectAsTold, heartbeatRecord } from './heartbeat-row.ts';
import { test } from './lab-test.ts';
import { rowsOfRun } from './rows-of-run.ts';
import { sayRefused } from './tell.ts';

/**
 * Tests of a part of the truth table, a row each, played side by side. What an application of the user's own cannot be
 * asked is skipped, and the test says why.
 *
 * @param also what is to be asserted of each cell besides.
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense.
 */
export function heartbeatTable({ title, rows }: TablePart, also?: (record: HeartbeatRecord) => void): void {
  const titled = rows.flatMap(rowsOfRun);
  // not describe.for: Vitest plays the tests of such a suite one after another
  describe.concurrent(title, () => {
    test.for(titled)('%s', async ([, row], { lab, task, skip }) => {
      if (row instanceof RefusedError) return skip(await sayRefused(task, row));
      const record = await heartbeatRecord(lab, row, { task });
      expectAsTold(record, task);
      also?.(record);
      // Nothing that could have failed has passed.
      if (!assertsAnything(row.expected)) skip('reported: nothing certain can be expected of this row');
    });
  });
}
