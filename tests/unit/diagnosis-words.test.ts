import { describe, expect, test } from 'vitest';
import { details, FIRST_SCREEN, firstScreen } from '../../helpers/diagnosis/diagnosis-words.ts';
import {
  connectionId,
  diagnosisOf,
  dropLines,
  kindsOf,
  openLine,
  serviceLine,
  unreachableLine,
} from './fixtures/made-up-lines.ts';

/** Two containers of one host, whose uWSGI has the same name, and whose processes have the same ids. */
const logsOfTwo = {
  'rabbit.log': [
    ...dropLines('03:00:00.000000', 'uwsgi', 22, 1),
    ...dropLines('03:00:05.000000', 'uwsgi', 22, 2),
    openLine('08:00:00.000000', 'uwsgi', 22, 1),
    openLine('08:10:00.000000', 'uwsgi', 22, 2),
  ],
  'nova-api.log': [
    serviceLine('02:50:00.000', 22),
    unreachableLine('07:59:59.000', 22, 1),
    serviceLine('09:00:00.000', 22),
  ],
  'nova-metadata.log': [
    serviceLine('02:50:00.000', 22),
    unreachableLine('08:09:59.000', 22, 2),
    serviceLine('09:00:00.000', 22),
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

test('a line that names a dropped connection is not unexplained because the clocks are not known', () => {
  const [first, second] = ['nova-api.log', 'nova-metadata.log'] as const;
  const other = [serviceLine('02:50:00.000', 22), unreachableLine('07:00:00.000', 22, 9)];
  expect(kindsOf(diagnosisOf(logsOfTwo))).toEqual(['green heartbeat']);
  expect(diagnosisOf({ ...logsOfTwo, [first]: [], [second]: other })).toMatchObject({
    troubles: [{ kind: 'unexplained loss', count: 1, because: [expect.stringContaining('clocks')] }],
  });
});

test('the example is a row of the same server', () => {
  const screenOf = (program: string) =>
    firstScreen(
      diagnosisOf({
        'rabbit.log': [
          ...dropLines('03:00:00.000000', program, 22, 1),
          openLine('08:00:00.000000', program, 22, 1),
        ],
      }),
      [],
    ).join('\n');
  expect(screenOf('uwsgi')).toContain('-t server/uwsgi-8x1');
  expect(screenOf('mod_wsgi')).toContain('-t article/prefork-8');
  expect(screenOf('gunicorn')).not.toContain('npm run table');
});

test('the first screen says what requests suffered', () => {
  const request = (time: string, seconds: string, id: number) =>
    `2026-11-26 ${time} 22 INFO nova.osapi_compute.wsgi.server [req-${connectionId(id)} u p - - -] 10.0.0.7 "GET /servers HTTP/1.1" status: 200 len: 10 time: ${seconds}`;
  const logs = {
    'rabbit.log': [
      ...dropLines('03:00:00.000000', 'mod_wsgi', 22, 1),
      openLine('08:00:00.000000', 'mod_wsgi', 22, 1),
    ],
    'nova-api.log': [
      request('02:00:00.000', '0.1000000', 7),
      unreachableLine('07:59:59.000', 22, 1),
      request('08:00:00.100', '1.2000000', 8),
    ],
  };
  expect(firstScreen(diagnosisOf(logs), [])[2]).toBe(
    'Of 2 requests, 1 took a second or more and 0 failed; 1 met a dead connection.',
  );
  expect(firstScreen(diagnosisOf({ 'rabbit.log': logs['rabbit.log'] }), [])[2]).toBe('');
});

test('the first screen cuts no finding, and counts the others', () => {
  const programs = ['mod_wsgi', 'uwsgi', 'apache2', 'httpd', 'gunicorn'];
  const diagnosis = diagnosisOf({
    'rabbit.log': programs.flatMap((program, index) => [
      ...dropLines(`03:0${index}:00.000000`, program, 22, index),
      openLine(`08:0${index}:00.000000`, program, 22, index),
    ]),
  });
  const lines = firstScreen(diagnosis, []);
  expect(lines.length).toBeLessThanOrEqual(FIRST_SCREEN);
  expect(lines.filter((line) => line.startsWith('  do '))).toHaveLength(
    lines.filter((line) => line.includes('1 connection:')).length,
  );
  expect(lines.at(-3)).toMatch(/^[34] other findings below$/);
});
