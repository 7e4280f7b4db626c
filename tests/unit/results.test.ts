import { expect, test } from 'vitest';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
import {
  formProblem,
  parseResults,
  RESULTS_VERSION,
  resultsJsonSchema,
} from '../../helpers/record/results-schema.ts';
import { resultsOf, type TestResult } from '../../helpers/report/results.ts';
import { abRun } from './fixtures/ab-runs.ts';
import { recordedRecord } from './fixtures/recorded-record.ts';
import { earlierExecution } from './fixtures/row-record.ts';
import { block, blocks, withMeasurement } from './fixtures/throughput-blocks.ts';
import { recordOfBlocks } from './fixtures/throughput-record.ts';

const run = {
  startedAt: '2026-01-31T12:00:00.000Z',
  seconds: 60,
  startUp: { engine: 1 },
  times: 'compressed',
} as const;
const stuck = { startedAt: 0, ab: parseAbOutput(abRun('stuck', 119)), answers: [] };
const throughput = [
  blocks(8, 1.08),
  [...blocks(2, 1), withMeasurement(block(480, 480, 480), 'candidate', stuck)],
].map(
  (all): TestResult => ({
    file: 'tests/acceptance/throughput.test.ts',
    name: 'event 1 × 25 against prefork 8',
    state: 'passed',
    milliseconds: 75_000,
    cell: recordOfBlocks(all),
  }),
);
const results = resultsOf(run, [
  ...throughput,
  {
    file: 'tests/acceptance/heartbeat.test.ts',
    name: 'prefork 8: reproduced',
    state: 'passed',
    milliseconds: 30_000,
    cell: recordedRecord('prefork-8', { earlier: [earlierExecution('late')] }),
  },
  {
    file: 'tests/acceptance/article.test.ts',
    name: 'event 1 × 25',
    state: 'passed',
    milliseconds: 30,
    cell: {
      kind: 'connections',
      deployment: deployment({ mpm: 'event', processes: 1, threads: 25 }),
      established: 1,
      listed: 1,
      opened: 1,
    },
  },
]);

test('the results of a run have the form of their schema', () => {
  const text = JSON.stringify(results);
  expect(parseResults(text)).toEqual(JSON.parse(text));
});

test('content without a version is refused in one line', () => {
  expect(() => parseResults('null')).toThrow(/^results\.json has no version; .*execute the rows again.*$/);
});

test('a state that nobody knows is refused, with its place', () => {
  const [first, ...rest] = results.tests;
  expect(formProblem({ ...results, tests: [{ ...first, state: 'perhaps' }, ...rest] })).toMatch(
    /^tests\.0\.state: /,
  );
});

test('the JSON Schema names its dialect and the version', () => {
  expect(resultsJsonSchema()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    properties: { version: { const: RESULTS_VERSION } },
  });
});
