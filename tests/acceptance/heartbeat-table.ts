import { describe, inject } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { type Cell, cellOf, cellTitle, type TablePart } from '../table/row.ts';
import { expectAsTold, heartbeatRecord } from './heartbeat-cell.ts';
import { test } from './lab-test.ts';

/**
 * Tests of a part of the truth table, a row each, played side by side.
 *
 * @param also what is to be asserted of each cell besides.
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense.
 */
export function heartbeatTable({ title, rows }: TablePart, also?: (record: HeartbeatRecord) => void): void {
  const cells = rows.map((row): [string, Cell] => {
    const cell = cellOf(row, times[inject('lab').options.times]);
    return [cellTitle(cell), cell];
  });
  // not describe.for: Vitest plays the tests of such a suite one after another
  describe.concurrent(title, () => {
    test.for(cells)('%s', async ([, cell], { lab, task }) => {
      const record = await heartbeatRecord(lab, cell, { task });
      expectAsTold(record, task);
      also?.(record);
    });
  });
}
