import { expect, test } from 'vitest';
import { deployment } from '../../helpers/deployment/deployment.ts';
import {
  formProblem,
  parseResults,
  RESULTS_VERSION,
  resultsJsonSchema,
} from '../../helpers/record/results-schema.ts';
import { recordedRecord } from './fixtures/recorded-record.ts';
import { resultsWith } from './fixtures/results-with.ts';
import { earlierExecution } from './fixtures/row-record.ts';
import { block, blocks, stuck, withMeasurement } from './fixtures/throughput-blocks.ts';
import { recordOfBlocks } from './fixtures/throughput-record.ts';

const results = resultsWith(
  recordOfBlocks(blocks(8, 1.08)),
  recordOfBlocks([...blocks(2, 1), withMeasurement(block(480, 480, 480), 'candidate', stuck)]),
  recordedRecord('prefork-8', { earlier: [earlierExecution('late')] }),
  {
    kind: 'connections',
    deployment: deployment({ mpm: 'event', processes: 1, threads: 25 }),
    established: 1,
    listed: 1,
    opened: 1,
  },
);

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
