import { describe, expect, test } from 'vitest';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
import {
  blockProblem,
  type Measurement,
  measurementProblem,
  ratesOf,
} from '../../helpers/evidence/throughput-block.ts';
import { abRun, finishedRun } from './fixtures/ab-runs.ts';
import { block, expected, measured, withMeasurement } from './fixtures/throughput-blocks.ts';

const good = measured(480);
const stuck: Measurement = { startedAt: 0, ab: parseAbOutput(abRun('stuck', 119)), answers: [] };

test('a block counts if everything in it is as expected', () => {
  expect(blockProblem(block(480, 481, 500), expected)).toBeUndefined();
  expect(ratesOf(block(480, 481, 500))).toEqual({ baseline: 480, baselineAgain: 481, candidate: 500 });
});

describe('a measurement does not count', () => {
  const ab = (change: object): Measurement => ({ ...good, ab: { ...finishedRun('tls'), ...change } });
  const answers = (...all: Measurement['answers']): Measurement => ({ ...good, answers: all });
  const ok = { status: 200, bytes: 405 };
  test.for<[string, Measurement, string]>([
    [
      'ab waited in vain',
      stuck,
      'stuck after 37 of 1000 requests: apr_pollset_poll: The timeout specified has expired (70007)',
    ],
    ['requests are missing', ab({ completeRequests: 999 }), 'complete requests: 999, expected 1000'],
    ['requests failed', ab({ failedRequests: 2 }), 'failed requests: 2, expected 0'],
    ['requests could not be sent', ab({ writeErrors: 1 }), 'write errors: 1, expected 0'],
    [
      'another page came',
      ab({ document: { path: '/', bytes: 269 } }),
      'bytes of an answer: 269, expected 405',
    ],
    ['TLS was missing', ab({ tls: undefined }), 'TLS: none, expected TLSv1.2'],
    [
      'handshakes failed',
      ab({ complaints: [{ line: 'SSL handshake failed (1).', times: 3 }] }),
      'ab printed 3 times: SSL handshake failed (1).',
    ],
    [
      'fast errors',
      answers({ ...ok, count: 990 }, { status: 500, bytes: 405, count: 10 }),
      '10 answers were 500 with 405 bytes, expected 200 with 405',
    ],
    [
      'another length',
      answers({ ...ok, count: 990 }, { status: 200, bytes: 9, count: 10 }),
      '10 answers were 200 with 9 bytes, expected 200 with 405',
    ],
    ['unknown requests', answers({ ...ok, count: 1001 }), 'the access log has 1001 answers, expected 1000'],
    ['no log', answers(), 'the access log has 0 answers, expected 1000'],
  ])('%s', ([, measurement, problem]) => {
    expect(measurementProblem(measurement, expected)).toBe(problem);
  });
});

test('an expected status other than 2xx is read from the access log, and ab must agree', () => {
  const choices = { ...expected, status: 300 };
  const it: Measurement = {
    ...good,
    ab: { ...finishedRun('tls'), non2xxResponses: 1000 },
    answers: [{ status: 300, bytes: 405, count: 1000 }],
  };
  expect(measurementProblem(it, choices)).toBeUndefined();
  expect(measurementProblem({ ...it, ab: finishedRun('tls') }, choices)).toBe(
    'responses other than 2xx: 0, expected 1000',
  );
});

test('a problem of a block names the server', () => {
  const it = withMeasurement(block(480, 481, 500), 'candidate', stuck);
  expect(blockProblem(it, expected)).toMatch(/^candidate: stuck after 37/);
  expect(ratesOf(it)).toBeUndefined();
});

test('a block without a measurement of each server does not count', () => {
  const { order, measurements } = block(480, 481, 500);
  const { candidate: _, ...rest } = measurements;
  expect(blockProblem({ order, measurements: rest }, expected)).toBe('candidate: was not measured');
  expect(blockProblem({ order: ['baseline', 'candidate'], measurements }, expected)).toBe(
    'baseline again: was not measured',
  );
});
