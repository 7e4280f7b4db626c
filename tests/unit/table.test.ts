import { describe, expect, test } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import { truthTable } from '../table/index.ts';
import { cellOf, cellTitle } from '../table/row.ts';

const titles = truthTable.flatMap(({ rows }) => rows).map((row) => cellTitle(cellOf(row, times.compressed)));

test('each row of the truth table makes sense, and stands there once', () => {
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
});

describe('a row that makes no sense ends in one line', () => {
  const row = { expected: 'clean', why: '' } as const;

  test.for([
    [
      { mpm: 'winnt', processes: 1, threads: 1 },
      'mpm: Invalid option: expected one of "prefork"|"event"|"worker"',
    ],
    [{ server: 'uwsgi', mpm: 'event', processes: 1, threads: 1 }, 'mpm: an MPM is httpd’s; uWSGI has none'],
    [
      { server: 'uwsgi', wsgi: 'daemon', processes: 1, threads: 1 },
      'wsgi: daemon mode is mod_wsgi’s; uWSGI has none',
    ],
    [{ processes: 1, threads: 1 }, 'mpm: httpd has an MPM: prefork, event, worker'],
    [{ mpm: 'prefork', processes: 1, threads: 25 }, 'threads: prefork has one thread in each process'],
  ])('%j', ([deployment, complaint]) => {
    const written = { ...row, ...(deployment as { mpm: 'event'; processes: number; threads: number }) };
    expect(() => cellOf(written, times.compressed)).toThrow(complaint as string);
  });
});
