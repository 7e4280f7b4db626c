import { expect, test } from 'vitest';
import {
  blockProblem,
  type Measurement,
  measurementProblem,
  ratesOf,
  type ThroughputBlock,
} from '../../helpers/evidence/throughput-block.ts';
import { finishedRun } from './fixtures/ab-runs.ts';
import { block, expected, measured, stuck, withMeasurement } from './fixtures/throughput-blocks.ts';

const good = measured(480);
const ab = (change: object): Measurement => ({ ...good, ab: { ...finishedRun('tls'), ...change } });
const ok = { status: 200, bytes: 405 };
const answers = (...all: Measurement['answers']): Measurement => ({ ...good, answers: all });

test.for<[string, Measurement, RegExp]>([
  ['ab waited in vain', stuck, /^stuck after 37 of 1000 requests: apr_pollset_poll: /],
  ['requests are missing', ab({ completeRequests: 999 }), /^complete requests: 999.* 1000$/],
  ['requests failed', ab({ failedRequests: 2 }), /^failed requests: 2.* 0$/],
  ['requests could not be sent', ab({ writeErrors: 1 }), /^write errors: 1.* 0$/],
  ['another page came', ab({ document: { path: '/', bytes: 269 } }), /^bytes .*269.* 405$/],
  ['TLS was missing', ab({ tls: undefined }), /^TLS: none.* TLSv1\.2$/],
  [
    'handshakes failed',
    ab({ complaints: [{ line: 'SSL handshake failed (1).', times: 3 }] }),
    / 3 times: SSL handshake failed \(1\)\.$/,
  ],
  [
    'some answers were fast errors',
    answers({ ...ok, count: 990 }, { status: 500, bytes: 405, count: 10 }),
    /^10 answers were 500 with 405 bytes.* 200 with 405$/,
  ],
  [
    'some answers had another length',
    answers({ ...ok, count: 990 }, { status: 200, bytes: 9, count: 10 }),
    /^10 answers were 200 with 9 bytes.* 200 with 405$/,
  ],
  ['the access log has other requests', answers({ ...ok, count: 1001 }), /access log .*1001.* 1000$/],
  ['the access log is empty', answers(), /access log .* 0 .* 1000$/],
])('a measurement does not count if %s', ([, measurement, fact]) => {
  expect(measurementProblem(measurement, expected)).toMatch(fact);
});

const whole = block(480, 481, 500);
const { candidate: _, ...twoServers } = whole.measurements;

test('a block counts if everything in it is as expected', () => {
  expect(blockProblem(whole, expected)).toBeUndefined();
  expect(ratesOf(whole)).toEqual({ baseline: 480, baselineAgain: 481, candidate: 500 });
});

test.for<[string, ThroughputBlock, RegExp]>([
  ['a measurement does not count', withMeasurement(whole, 'candidate', stuck), /^candidate: stuck after 37/],
  ['a measurement is missing', { ...whole, measurements: twoServers }, /^candidate: .*not measured$/],
  ['a server is missing', { ...whole, order: ['baseline', 'candidate'] }, /^baseline again: .*not measured$/],
])('a block does not count, and names the server, if %s', ([, changed, fact]) => {
  expect(blockProblem(changed, expected)).toMatch(fact);
});

test('a block in which a server is stuck has no rates', () => {
  expect(ratesOf(withMeasurement(whole, 'candidate', stuck))).toBeUndefined();
});
