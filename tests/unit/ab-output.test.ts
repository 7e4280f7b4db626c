import { describe, expect, test } from 'vitest';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
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
      keepAliveRequests: undefined,
      transferredBytes: 555_000,
      sentBytes: undefined,
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

  test('of the article’s prefork has the rate that the article quotes', () => {
    expect(finishedRun('article-prefork')).toMatchObject({
      requestsPerSecond: 563.17,
      non2xxResponses: 1000,
    });
  });

  test('is read whether progress is printed with it or separately', () => {
    const { stdout, stderr } = abRun('tls');
    const apart = parseAbOutput({ stdout, stderr, exitCode: 0 });
    expect(parseAbOutput({ stdout: stderr + stdout, stderr: '', exitCode: 0 })).toEqual(apart);
  });

  test('is read however its columns are aligned', () => {
    const { stdout } = abRun('article-event');
    const narrow = stdout.replaceAll(/ +/g, ' ').replaceAll(/^ /gm, '');
    expect(parseAbOutput({ stdout: narrow, stderr: '', exitCode: 0 })).toEqual(finishedRun('article-event'));
  });

  test('says why requests failed', () => {
    expect(finishedRun('reset')).toMatchObject({
      completeRequests: 40,
      failedRequests: 60,
      failures: { connect: 0, receive: 20, length: 20, exceptions: 20 },
    });
  });

  test('has kept connections and sent bodies', () => {
    expect(finishedRun('post')).toMatchObject({ keepAliveRequests: 0, sentBytes: 3180 });
  });

  test('has write errors and a varying length', () => {
    const { stdout } = abRun('tls');
    const varied = stdout
      .replace('Document Length:        405 bytes', 'Document Length:        Variable')
      .replace('Total transferred', 'Write errors:           3\nTotal transferred');
    expect(parseAbOutput({ stdout: varied, stderr: '', exitCode: 0 })).toMatchObject({
      document: { path: '/', bytes: undefined },
      writeErrors: 3,
    });
  });

  test('keeps ab’s warnings, each as one sentence', () => {
    const { stdout } = abRun('tls');
    const warned = stdout.replace(
      '\n\nPercentage',
      '\nERROR: The median and mean for the processing time are more than twice the standard\n       deviation apart. These results are NOT reliable.\nWARNING: The median and mean for the total time are not within a normal deviation\n        These results are probably not that reliable.\n\nPercentage',
    );
    expect(parseAbOutput({ stdout: warned, stderr: '', exitCode: 0 })).toMatchObject({
      warnings: [
        'ERROR: The median and mean for the processing time are more than twice the standard deviation apart. These results are NOT reliable.',
        'WARNING: The median and mean for the total time are not within a normal deviation These results are probably not that reliable.',
      ],
    });
  });

  test('keeps complaints, because ab counts a request without a handshake as complete', () => {
    const it = finishedRun('no-handshake');
    expect(it).toMatchObject({ completeRequests: 20, failedRequests: 0, tls: undefined });
    expect(it.complaints).toEqual([{ line: 'SSL handshake failed (1).', times: 2 }]);
  });
});

describe('without a report', () => {
  test('a server that no longer answers is stuck, in ab’s own words', () => {
    expect(parseAbOutput(abRun('stuck', 119))).toEqual({
      kind: 'stuck',
      words: 'apr_pollset_poll: The timeout specified has expired (70007)',
      completedRequests: 37,
      exitCode: 119,
    });
  });

  test('the words are found even if both streams are one', () => {
    const { stdout, stderr } = abRun('stuck');
    expect(parseAbOutput({ stdout: stdout + stderr, stderr: '', exitCode: 119 })).toMatchObject({
      kind: 'stuck',
    });
    const glued = stdout.replace('Total', `${stderr}Total`);
    expect(parseAbOutput({ stdout: glued, stderr: '', exitCode: 119 })).toMatchObject({
      kind: 'stuck',
      completedRequests: 37,
    });
  });

  const head = abRun('stuck').stdout.replace(/Total of.*\n/, '');
  test.for([
    ['apr_socket_recv: Connection reset by peer (104)', 104, 'failed'],
    ['apr_socket_recv: Connection refused (111)', 111, 'failed'],
    ['apr_sockaddr_info_get() for nosuch.invalid: Name or service not known (670002)', 50, 'failed'],
    ['apr_socket_connect(): Connection timed out (110)', 110, 'stuck'],
    ['ab: Cannot use concurrency level greater than total number of requests', 22, 'failed'],
  ] as const)('%s', ([words, exitCode, kind]) => {
    const stderr = `${words}\n${words.startsWith('ab:') ? 'Usage: ab [options] …\nOptions are:\n    -n requests\n' : ''}`;
    expect(parseAbOutput({ stdout: head, stderr, exitCode })).toEqual({
      kind,
      words,
      completedRequests: 0,
      exitCode,
    });
  });

  test('an ab that was terminated has failed', () => {
    expect(parseAbOutput({ stdout: head, stderr: '', exitCode: 137 })).toMatchObject({
      kind: 'failed',
      words: expect.stringContaining('exit code 137'),
    });
  });
});

describe('unknown output is refused', () => {
  const { stdout } = abRun('tls');
  test.for([
    [
      'a new line',
      'Complete requests',
      'Number of workers:      2\nComplete requests',
      'line: Number of workers: ',
    ],
    ['another unit', '[Kbytes/sec]', '[Mbytes/sec]', 'line: Transfer rate'],
    ['another version', 'Version 2.3', 'Version 2.4', 'line: This is ApacheBench'],
    ['a line less', /^ {2}99%.*\n/m, '', 'lacks a line'],
    [
      'a line twice',
      'Failed requests:        0',
      'Failed requests: 0\nFailed requests: 0',
      'twice: Failed requests',
    ],
    [
      'failures without their kinds',
      'Failed requests:        0',
      'Failed requests:        2',
      'lacks a line',
    ],
    ['half a report', /^Connection Times[\s\S]*/m, '', 'lacks a line'],
  ] as const)('%s', ([, from, to, message]) => {
    const changed = stdout.replace(from, to);
    expect(changed).not.toBe(stdout);
    const error = thrown(() => parseAbOutput({ stdout: changed, stderr: '', exitCode: 0 }));
    expect(error).toMatchObject({ name: 'AbOutputError', message: expect.stringContaining(message) });
    expect(error.message).not.toContain('\n');
  });

  test('if it is empty', () => {
    expect(thrown(() => parseAbOutput({ stdout: '', stderr: '', exitCode: 0 })).name).toBe('AbOutputError');
  });

  test('if the exit code contradicts the report', () => {
    expect(thrown(() => parseAbOutput({ stdout, stderr: '', exitCode: 1 })).message).toContain('exit code 1');
  });
});

function thrown(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('a run that took too long was terminated from outside', () => {
  const { stdout } = abRun('tls');
  const head = stdout.slice(0, stdout.indexOf('Server Software'));
  expect(parseAbOutput({ stdout: head, stderr: 'Completed 100 requests\n', exitCode: 124 })).toEqual({
    kind: 'stuck',
    words: expect.stringContaining('too long'),
    completedRequests: 100,
    exitCode: 124,
  });
});
