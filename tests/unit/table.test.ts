import { describe, expect, test } from 'vitest';
import { checked, planRow, titleOf } from '../../helpers/rows/row.ts';
import { table } from '../table/index.ts';
import { settings } from './fixtures/settings.ts';

const groups = Object.values(table).flat();
const rows = groups.flatMap((group) => group.rows);

test('every id of the table is well-formed and unique', () => {
  expect(checked(groups)).toBe(groups);
});

test.for(rows.map((row) => [row.id, row] as const))('%s can be planned', ([, row]) => {
  expect(() => planRow(row, settings)).not.toThrow();
});

test('no two rows of a test file have the same title', () => {
  for (const ofFile of Object.values(table)) {
    const titles = ofFile.flatMap((group) => group.rows).map((row) => titleOf(planRow(row, settings)));
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  }
});

describe('a row that makes no sense is refused in one line', () => {
  const row = { id: 'test/row', expect: { verdict: 'clean' }, why: '' } as const;

  test.for([
    [{ mpm: 'winnt', processes: 1, threads: 1 }, 'mpm: httpd has an MPM: prefork, event, worker'],
    [{ server: 'uwsgi', mpm: 'event', processes: 1, threads: 1 }, 'mpm: uwsgi has no such option'],
    [{ server: 'uwsgi', wsgi: 'daemon', processes: 1, threads: 1 }, 'wsgi: uwsgi has no such option'],
    [{ processes: 1, threads: 1 }, 'mpm: httpd has an MPM: prefork, event, worker'],
    [{ mpm: 'prefork', processes: 1, threads: 25 }, 'threads: prefork has one thread in each process'],
  ] as const)('%j', ([deployment, complaint]) => {
    const written = {
      ...row,
      deployment: deployment as { mpm: 'event'; processes: number; threads: number },
    };
    expect(() => planRow(written, settings)).toThrow(complaint);
  });
});
