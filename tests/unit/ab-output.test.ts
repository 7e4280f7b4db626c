import { describe, expect, test } from 'vitest';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
import type { AbFinished, AbRun } from '../../helpers/evidence/ab-result.ts';
import { abRun, finishedRun } from './fixtures/ab-runs.ts';

describe('a report', () => {
  test('is read whole', () => {
    expect(parseAbOutput(abRun('article-event'))).toEqual({
      kind: 'finished',
      server: { software: 'Apache', hostname: '192.168.24.2', port: 13000 },
      tls: {
        protocol: 'TLSv1.2',
        cipher: 'ECDHE-RSA-AES256-GCM-SHA384',
        keyBits: 2048,
        cipherBits: 256,
        temporaryKey: 'X25519 253 bits',
        serverName: undefined,
      },
      document: { path: '/', bytes: 269 },
      concurrency: 10,
      seconds: 1.881,
      completeRequests: 1000,
      failedRequests: 0,
      failures: undefined,
      writeErrors: 0,
      non2xxResponses: 1000,
      transferredBytes: 555_000,
      htmlBytes: 269_000,
      requestsPerSecond: 531.55,
      meanMs: 18.813,
      meanAcrossConcurrentMs: 1.881,
      kilobytesPerSecond: 288.1,
      timesMs: {
        connect: { min: 2, mean: 6, deviation: 2.6, median: 6, max: 17 },
        processing: { min: 5, mean: 13, deviation: 3.6, median: 12, max: 36 },
        waiting: { min: 5, mean: 12, deviation: 3.6, median: 12, max: 36 },
        total: { min: 9, mean: 19, deviation: 4.5, median: 18, max: 49 },
      },
      percentilesMs: { 50: 18, 66: 20, 75: 21, 80: 22, 90: 24, 95: 26, 98: 29, 99: 34, 100: 49 },
      warnings: [],
      complaints: [],
    });
  });

  const plain = abRun('tls');
  const event = abRun('article-event');
  const warnings = [
    'ERROR: The median and mean for the processing time are more than twice the standard\n       deviation apart. These results are NOT reliable.',
    'WARNING: The median and mean for the total time are not within a normal deviation\n        These results are probably not that reliable.',
  ];

  test.for<[string, AbRun, AbFinished]>([
    ['whether progress is printed with it or separately', onOneStream(plain), finishedRun('tls')],
    [
      'however its columns are aligned',
      { ...event, stdout: event.stdout.replaceAll(/ +/g, ' ').replaceAll(/^ /gm, '') },
      finishedRun('article-event'),
    ],
  ])('is read %s', ([, run, report]) => {
    expect(parseAbOutput(run)).toEqual(report);
  });

  test.for<[string, AbRun, object]>([
    ['the rate that the article quotes for event', event, { requestsPerSecond: 531.55 }],
    ['the rate that the article quotes for prefork', abRun('article-prefork'), { requestsPerSecond: 563.17 }],
    [
      'why requests failed',
      abRun('reset'),
      {
        completeRequests: 40,
        failedRequests: 60,
        failures: { connect: 0, receive: 20, length: 20, exceptions: 20 },
      },
    ],
    [
      'write errors',
      changed(plain, 'Total transferred', 'Write errors:           3\nTotal transferred'),
      { writeErrors: 3 },
    ],
    [
      'ab’s warnings, each as one sentence',
      changed(plain, '\n\nPercentage', `\n${warnings.join('\n')}\n\nPercentage`),
      { warnings: warnings.map((warning) => warning.replace(/\n\s+/, ' ')) },
    ],
    [
      'no TLS without a handshake, although ab prints the name that it asked for',
      changed(abRun('no-handshake'), 'Document Path', 'TLS Server Name:        nova-api\nDocument Path'),
      { tls: undefined },
    ],
    [
      'complaints, because ab counts a request without a handshake as complete',
      abRun('no-handshake'),
      {
        completeRequests: 20,
        failedRequests: 0,
        tls: undefined,
        complaints: [{ line: 'SSL handshake failed (1).', times: 2 }],
      },
    ],
  ])('has %s', ([, run, facts]) => {
    expect(parseAbOutput(run)).toMatchObject({ kind: 'finished', ...facts });
  });
});

describe('without a report', () => {
  const stuck = abRun('stuck', 119);
  const apr = 'apr_pollset_poll: The timeout specified has expired (70007)';
  const head = stuck.stdout.replace(/Total of.*\n/, '');
  const usage = 'Usage: ab [options] …\nOptions are:\n    -n requests\n';

  test.for<[string, AbRun, kind: string, words: string, completedRequests: number]>([
    ['a server that no longer answers is stuck', stuck, 'stuck', apr, 37],
    ['ab’s words are found if both streams are one', onOneStream(stuck), 'stuck', apr, 37],
    [
      'ab’s words are found before its last line',
      { ...stuck, stdout: stuck.stdout.replace('Total', `${stuck.stderr}Total`), stderr: '' },
      'stuck',
      apr,
      37,
    ],
    ['ab was terminated', { stdout: head, stderr: '', exitCode: 137 }, 'failed', 'exit code 137', 0],
    [
      'a run that took too long was ended from outside',
      { stdout: head, stderr: 'Completed 100 requests\n', exitCode: 124 },
      'stuck',
      'took too long',
      100,
    ],
    ...(
      [
        ['apr_socket_recv: Connection reset by peer (104)', 104, 'failed'],
        ['apr_socket_recv: Connection refused (111)', 111, 'failed'],
        ['apr_sockaddr_info_get() for nosuch.invalid: Name or service not known (670002)', 50, 'failed'],
        ['apr_socket_connect(): Connection timed out (110)', 110, 'stuck'],
        ['ab: Cannot use concurrency level greater than total number of requests', 22, 'failed'],
      ] as const
    ).map(([words, exitCode, kind]): [string, AbRun, string, string, number] => [
      words,
      { stdout: head, stderr: `${words}\n${words.startsWith('ab:') ? usage : ''}`, exitCode },
      kind,
      words,
      0,
    ]),
  ])('%s', ([, run, kind, words, completedRequests]) => {
    expect(parseAbOutput(run)).toEqual({
      kind,
      words: expect.stringContaining(words),
      completedRequests,
      exitCode: run.exitCode,
    });
  });
});

describe('output is refused in one line if it has', () => {
  const run = abRun('tls');
  const failed = 'Failed requests:        0';

  test.for<[string, AbRun, fact: string]>([
    [
      'a new line',
      changed(run, 'Complete requests', 'Number of workers:      2\nComplete requests'),
      'Number of workers: ',
    ],
    ['another unit', changed(run, '[Kbytes/sec]', '[Mbytes/sec]'), 'Transfer rate'],
    ['another version', changed(run, 'Version 2.3', 'Version 2.4'), 'This is ApacheBench'],
    ['a line less', changed(run, /^ {2}99%.*\n/m, ''), 'lacks a line'],
    ['a line twice', changed(run, failed, `${failed}\n${failed}`), 'twice: Failed requests'],
    ['failures without their kinds', changed(run, failed, failed.replace('0', '2')), 'lacks a line'],
    ['half a report', changed(run, /^Connection Times[\s\S]*/m, ''), 'lacks a line'],
    ['nothing', { stdout: '', stderr: '', exitCode: 0 }, 'lacks a line'],
    ['an exit code that contradicts the report', { ...run, exitCode: 1 }, 'exit code 1'],
  ])('%s', ([, output, fact]) => {
    expect(() => parseAbOutput(output)).toThrow(
      expect.objectContaining({ name: 'AbOutputError', message: expect.stringMatching(/^.*$/) }),
    );
    expect(() => parseAbOutput(output)).toThrow(fact);
  });
});

/** The same run, with some of its report replaced. */
function changed(run: AbRun, from: string | RegExp, to: string): AbRun {
  const stdout = run.stdout.replace(from, to);
  if (stdout === run.stdout) throw new Error(`the report does not have ${from}`);
  return { ...run, stdout };
}

/** The same run, its errors before its report. */
function onOneStream({ stdout, stderr, exitCode }: AbRun): AbRun {
  return { stdout: stderr + stdout, stderr: '', exitCode };
}
