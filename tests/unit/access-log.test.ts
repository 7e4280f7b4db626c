import { expect, test } from 'vitest';
import { countAnswers, countProcesses, parseAccessLog } from '../../helpers/evidence/access-log.ts';

const log = `1769860800.000123 21 140213 "GET / HTTP/1.0" 200 391 2011
1769860800.002456 22 140213 "GET / HTTP/1.0" 200 391 1987
1769860800.004789 21 140214 "GET / HTTP/1.0" 500 0 312
1769860800.005001 21 140214 "-" 408 0 20
`;

test('a line is read as an answer', () => {
  expect(parseAccessLog(log)[0]).toEqual({ pid: 21, status: 200, bytes: 391 });
});

test('answers are counted by kind and by process', () => {
  const answers = parseAccessLog(log);
  expect(countAnswers(answers)).toEqual([
    { status: 200, bytes: 391, count: 2 },
    { status: 500, bytes: 0, count: 1 },
    { status: 408, bytes: 0, count: 1 },
  ]);
  expect(countProcesses(answers)).toEqual({ 21: 3, 22: 1 });
});

test('a line of another form is refused', () => {
  expect(() => parseAccessLog('127.0.0.1 - - "GET /"\n')).toThrow(/access log.*: 127\.0\.0\.1 - - "GET \/"$/);
});
