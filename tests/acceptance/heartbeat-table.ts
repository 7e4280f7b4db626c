import { describe, inject } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { assertsAnything, type Row, rowOf, rowTitle, type TablePart } from '../../helpers/verdict/row.ts';
import { expectAsTold, heartbeatRecord } from './heartbeat-row.ts';
import { test } from './lab-test.ts';
import { partsOfRows } from './parts.ts';

/**
 * Tests of a part of the truth table, a row each, played side by side.
 *
 * @param also what is to be asserted of each cell besides.
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense.
 */
export function heartbeatTable({ title, rows }: TablePart, also?: (record: HeartbeatRecord) => void): void {
  const titled = rows
    .flatMap((written) =>
      partsOfRows().map((lookUp) => rowOf(written, times[inject('lab').options.times], lookUp)),
    )
    .map((row): [string, Row] => [rowTitle(row), row]);
  // not describe.for: Vitest plays the tests of such a suite one after another
  describe.concurrent(title, () => {
    test.for(titled)('%s', async ([, row], { lab, task, skip }) => {
      const record = await heartbeatRecord(lab, row, { task });
      expectAsTold(record, task);
      also?.(record);
      // Nothing that could have failed has passed.
      if (!assertsAnything(row.expected)) skip('reported: nothing certain can be expected of this row');
    });
  });
}
