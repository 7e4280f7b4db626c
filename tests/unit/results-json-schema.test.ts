import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { deployment } from '../../helpers/deployment/deployment.ts';
import type { CellRecord } from '../../helpers/record/record.ts';
import { formProblem, parseResults } from '../../helpers/record/results-schema.ts';
import { resultsOf, type TestResult } from '../../helpers/report/results.ts';
import {
  assertingNothing,
  droppedEvidence,
  earlierExecution,
  faultRecord,
  heartbeatRecord,
  inconclusive,
  reproducedEvidence,
} from './fixtures/row-record.ts';
import { throughputRecord } from './fixtures/throughput-record.ts';

// The published schema, read by a validator that knows nothing of the code it was made from.
const schema = JSON.parse(readFileSync(new URL('../../results.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(schema);

const prefork1 = deployment({ mpm: 'prefork', processes: 1, threads: 1 });
const cells: CellRecord[] = [
  heartbeatRecord({}, { earlier: [earlierExecution('late', ['a request failed'])] }),
  heartbeatRecord({ processes: 8 }, { verdict: { kind: 'reproduced' }, evidence: reproducedEvidence }),
  heartbeatRecord({}, { verdict: inconclusive('not executed'), evidence: undefined }),
  heartbeatRecord({}, { verdict: { kind: 'dropped' }, expect: assertingNothing, evidence: droppedEvidence }),
  faultRecord({}, { earlier: [earlierExecution('late', ['a request failed'])] }),
  faultRecord(
    {},
    {
      verdict: { kind: 'not recovered', reason: '1 of 2 processes answered after it' },
      expect: assertingNothing,
    },
  ),
  faultRecord({}, { verdict: inconclusive('not executed'), evidence: undefined, faultFacts: undefined }),
  throughputRecord(8, 1.08),
  throughputRecord(2, 1),
  { kind: 'connections', deployment: prefork1, established: 1, listed: 1, opened: 1 },
  {
    kind: 'single ab',
    deployment: prefork1,
    command: 'ab -n 1000',
    requestsPerSecond: 480.5,
    completeRequests: 1000,
    failedRequests: 0,
    non2xxResponses: 0,
  },
];
const results = resultsOf(
  {
    startedAt: '2026-01-31T12:00:00.000Z',
    seconds: 60,
    startUp: { engine: 1 },
    times: 'compressed',
    shards: 2,
  },
  cells.map(
    (cell): TestResult => ({ file: 'a.test.ts', name: 'a cell', state: 'passed', milliseconds: 1, cell }),
  ),
);
const written = JSON.parse(JSON.stringify(results));

test('the results of a run are valid by the published JSON Schema and by the code’s', () => {
  validate(written);
  expect(validate.errors).toBeNull();
  expect(formProblem(written)).toBeUndefined();
});

test('both refuse an unknown value', () => {
  const [first, ...rest] = written.tests;
  const wrong = { ...written, tests: [{ ...first, state: 'perhaps' }, ...rest] };
  expect(validate(wrong)).toBe(false);
  expect(formProblem(wrong)).toMatch(/^tests\.0\.state: /);
});

test('a file that is not a results.json is refused in one line', () => {
  expect(() => parseResults('{')).toThrow(/^results\.json is not JSON$/);
  expect(() => parseResults('null')).toThrow(/^results\.json has no version.* version 3\b/);
  expect(() => parseResults(JSON.stringify({ ...written, seconds: 'long' }))).toThrow(
    /^results\.json has not the form of its schema: seconds: .*$/,
  );
});
