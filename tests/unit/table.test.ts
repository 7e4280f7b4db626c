import { expect, test } from 'vitest';
import { planRow, titleOf } from '../../helpers/rows/row.ts';
import { table } from '../table/index.ts';
import { settings } from './fixtures/settings.ts';

const rows = Object.values(table)
  .flat()
  .flatMap((group) => group.rows);

test.for(rows.map((row) => [row.id, row] as const))('%s can be planned', ([, row]) => {
  expect(() => planRow(row, settings)).not.toThrow();
});

test('no two rows of a test file have the same title', () => {
  for (const ofFile of Object.values(table)) {
    const titles = ofFile.flatMap((group) => group.rows).map((row) => titleOf(planRow(row, settings)));
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  }
});
