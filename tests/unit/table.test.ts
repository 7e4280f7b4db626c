import { describe, expect, test } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import { disturbedRowOf, disturbedRowTitle } from '../../helpers/verdict/disturbance-row.ts';
import { rowOf, rowTitle } from '../../helpers/verdict/row.ts';
import { truthTable } from '../table/index.ts';
import { outages } from '../table/outages.ts';
import { reloads } from '../table/reloads.ts';
import { tomorrow } from '../table/tomorrow.ts';

const titles = [
  ...[...truthTable, ...tomorrow]
    .flatMap(({ rows }) => rows)
    .map((row) => rowTitle(rowOf(row, times.compressed))),
  ...[...outages, ...reloads]
    .flatMap(({ rows }) => rows)
    .map((row) => disturbedRowTitle(disturbedRowOf(row, times.compressed))),
];

test('each row of the truth table makes sense, and stands there once', () => {
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
});

describe('a row that makes no sense ends in one line', () => {
  const row = { expected: 'clean', why: '' } as const;

  test.for([
    [{ mpm: 'winnt', processes: 1, threads: 1 }, 'mpm: httpd has an MPM: prefork, event, worker'],
    [{ server: 'uwsgi', mpm: 'event', processes: 1, threads: 1 }, 'mpm: uwsgi has no such option'],
    [{ server: 'uwsgi', wsgi: 'daemon', processes: 1, threads: 1 }, 'wsgi: uwsgi has no such option'],
    [{ processes: 1, threads: 1 }, 'mpm: httpd has an MPM: prefork, event, worker'],
    [{ mpm: 'prefork', processes: 1, threads: 25 }, 'threads: prefork has one thread in each process'],
  ])('%j', ([deployment, complaint]) => {
    const written = { ...row, ...(deployment as { mpm: 'event'; processes: number; threads: number }) };
    expect(() => rowOf(written, times.compressed)).toThrow(complaint as string);
  });
});
