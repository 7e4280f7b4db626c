import { describe, expect, test } from 'vitest';
import { details, FIRST_SCREEN, firstScreen } from '../../helpers/diagnosis/diagnosis-words.ts';
import {
  absence,
  connectionId,
  diagnosisOf,
  endLines,
  kindsOf,
  requestLine,
  serviceLine,
  unreachableLine,
} from './fixtures/made-up-lines.ts';

/** Two containers of one host, whose uWSGI has the same name, and whose processes have the same ids. */
const logsOfTwo = {
  'rabbit.log': [
    ...absence('03:00:00', '08:00:00', 'uwsgi', 22, 1),
    ...absence('03:00:05', '08:10:00', 'uwsgi', 22, 2),
  ],
  'nova-api.log': [
    serviceLine('02:50:00', 22),
    unreachableLine('07:59:59', 22, 1),
    serviceLine('09:00:00', 22),
  ],
  'nova-metadata.log': [
    serviceLine('02:50:00', 22),
    unreachableLine('08:09:59', 22, 2),
    serviceLine('09:00:00', 22),
  ],
};
const twoServices = diagnosisOf(logsOfTwo, 0);

describe('two services whose processes have the same ids', () => {
  test('are two processes, each with its log', () => {
    expect(twoServices.programs).toMatchObject([
      {
        dropsOfProcess: { '10.0.0.1 22 nova-api.log': 1, '10.0.0.1 22 nova-metadata.log': 1 },
        dropsOfLog: { 'nova-api.log': 1, 'nova-metadata.log': 1 },
      },
    ]);
    expect(details(twoServices, []).join('\n')).toMatch(
      /in 2 processes.*\n +log +1 of nova-api\.log, 1 of nova-metadata\.log$/m,
    );
  });

  test('that waited for a request did not need the connection until then', () => {
    expect(details(twoServices, []).join('\n')).toMatch(/reconnected 2, 5\.1 h later \(median\).*no request/);
  });
});

test.for<[string, Record<string, readonly string[]>, RegExp]>([
  [
    'without logs is a lower bound',
    { 'nova-api.log': [], 'nova-metadata.log': [] },
    /: 2 drops, in at least 1 process;/,
  ],
  ['with their logs is exact', {}, /: 2 drops, in 2 processes;/],
  [
    'without names is unknown',
    { 'rabbit.log': logsOfTwo['rabbit.log'].filter((line) => line.includes('missed')) },
    /^Found: 2 connections of unknown programs dropped.*: 2 drops, in unknown processes; [^;]*; from an unknown address\n/s,
  ],
  [
    'without drops is not said',
    { 'rabbit.log': endLines('03:00:00', 'x', '10.0.0.1:4000', { reason: '{inet_error,etimedout}' }) },
    /: 0 drops; /,
  ],
])('the number of processes %s', ([, logs, words]) => {
  const diagnosis = diagnosisOf({ ...logsOfTwo, ...logs }, 0);
  expect([...firstScreen(diagnosis, []), ...details(diagnosis, [])].join('\n')).toMatch(words);
});

test('a line that names a dropped connection is explained even if the clocks are not known', () => {
  const [first, second] = ['nova-api.log', 'nova-metadata.log'] as const;
  const other = [serviceLine('02:50:00', 22), unreachableLine('07:00:00', 22, 9)];
  expect(kindsOf(diagnosisOf(logsOfTwo))).toEqual(['green heartbeat']);
  expect(diagnosisOf({ ...logsOfTwo, [first]: [], [second]: other })).toMatchObject({
    troubles: [{ kind: 'unexplained loss', count: 1, because: [expect.stringContaining('clocks')] }],
  });
});

test('the example is a row of the same server', () => {
  const screenOf = (program: string) =>
    firstScreen(diagnosisOf({ 'rabbit.log': absence('03:00:00', '08:00:00', program, 22, 1) }), []).join(
      '\n',
    );
  expect(screenOf('uwsgi')).toContain('-t server/uwsgi-8x1');
  expect(screenOf('mod_wsgi')).toContain('-t article/prefork-8');
  expect(screenOf('gunicorn')).not.toContain('npm run table');
});

test('the first screen says what requests suffered', () => {
  const logs = {
    'rabbit.log': absence('03:00:00', '08:00:00', 'mod_wsgi', 22, 1),
    'nova-api.log': [
      requestLine('02:00:00', 22, 0.1, `req-${connectionId(7)} u p`),
      unreachableLine('07:59:59', 22, 1, undefined, `req-${connectionId(8)} u p`),
      requestLine('08:00:00.1', 22, 1.2, `req-${connectionId(8)} u p`),
    ],
  };
  expect(firstScreen(diagnosisOf(logs), [])[2]).toBe(
    'Of 2 requests, 0 failed and 1 other took a second or more; 1 met a dead connection.',
  );
  expect(firstScreen(diagnosisOf({ 'rabbit.log': logs['rabbit.log'] }), [])[2]).toBe('');
});

test.for([
  ['once if the service logs some of them too', [1.2], 'Of 2 requests, 0 failed and 2 others took'],
  ['if the service logs none', [], 'Of 2 requests, 0 failed and 2 others took'],
  [
    'not beside the service’s own, if these are more',
    [1.2, 1.3, 1.4],
    'Of 3 requests, 0 failed and 3 others took',
  ],
] as const)('requests of an access log count %s', ([, logged, words]) => {
  const line =
    '[pid: 22|app: 0|req: 1/1] 10.0.0.1 () {28 vars in 330 bytes} [Thu Nov 26 08:00:00 2026] POST /servers => generated 12 bytes in 1500 msecs (HTTP/1.1 202) 1 headers';
  const logs = {
    'nova-api.log': [
      serviceLine('07:00:00', 22),
      ...logged.map((seconds) => requestLine('08:00:01', 22, seconds)),
      serviceLine('09:00:00', 22),
    ],
    'uwsgi.log': [line, line],
  };
  expect(firstScreen(diagnosisOf(logs), []).join('\n')).toContain(words);
});

test('the first screen cuts no finding, and counts the others', () => {
  const programs = ['mod_wsgi', 'uwsgi', 'apache2', 'httpd', 'gunicorn'];
  const diagnosis = diagnosisOf({
    'rabbit.log': programs.flatMap((program, index) =>
      absence(`03:0${index}:00`, `08:0${index}:00`, program, 22, index),
    ),
  });
  const lines = firstScreen(diagnosis, []);
  expect(lines.length).toBeLessThanOrEqual(FIRST_SCREEN);
  expect(lines.filter((line) => line.startsWith('  do '))).toHaveLength(
    lines.filter((line) => line.includes('1 connection:')).length,
  );
  expect(lines.at(-3)).toMatch(/^[34] other findings below$/);
});
