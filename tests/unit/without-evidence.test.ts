import { expect, test } from 'vitest';
import { isHeartbeat, isThroughput } from '../../helpers/record/record.ts';
import { parseResults } from '../../helpers/record/results-schema.ts';
import { compareResults } from '../../helpers/report/comparison/run-comparison.ts';
import { pageOfResults } from '../../helpers/report/page/page-of-results.ts';
import { type Results, type TestResult, testsOf } from '../../helpers/report/results/results.ts';
import { withoutEvidence } from '../../helpers/report/results/without-evidence.ts';
import { faultsMarkdown, heartbeatsMarkdown } from '../../helpers/report/text/rows-markdown.ts';
import { faultRecord } from './fixtures/row-record.ts';
import { fullSampleResults } from './fixtures/sample-results.ts';

const whole = fullSampleResults();
const reduced = (results: Results) => parseResults(JSON.stringify(withoutEvidence(results)));
const kept = reduced(whole);

test('a file without evidence has the rows under traffic, with their figures', () => {
  expect(kept.tests.map(({ name }) => name)).toEqual(testsOf(whole, isHeartbeat).map(({ name }) => name));
  const has = (results: Results, field: 'evidence' | 'figures') =>
    testsOf(results, isHeartbeat).filter(({ cell }) => cell[field] !== undefined).length;
  expect(has(kept, 'evidence')).toBe(0);
  expect(has(kept, 'figures')).toBe(has(whole, 'evidence'));
});

test('a failed test whose cell is left out is kept as a failure', () => {
  const { file, cell } = whole.tests.find(({ cell }) => isThroughput(cell)) as TestResult;
  const failed: TestResult = {
    file,
    name: 'a row',
    state: 'failed',
    milliseconds: 1,
    errors: ['late'],
    cell,
  };
  expect(withoutEvidence({ ...whole, tests: [failed] })).toMatchObject({
    tests: [],
    failures: [{ file, name: 'a row', state: 'failed', errors: ['late'] }],
  });
  expect(withoutEvidence(whole)).not.toHaveProperty('failures');
});

test('its tables are those of the whole run', () => {
  const [first] = whole.tests as [TestResult];
  const withFault = { ...whole, tests: [...whole.tests, { ...first, cell: faultRecord() }] };
  expect(heartbeatsMarkdown(kept)).toEqual(heartbeatsMarkdown(whole));
  expect(faultsMarkdown(reduced(withFault))).toEqual(faultsMarkdown(withFault));
});

test('its rows are equal to those of the whole run in a comparison', () => {
  const rows = { ...whole, tests: testsOf(whole, isHeartbeat) };
  expect(compareResults(kept, rows)).toEqual(compareResults(rows, rows));
});

test('its page says the same of each row, without evidence', () => {
  const [before, after] = [whole, kept].map((results) => pageOfResults(results).heartbeat);
  expect(after).toEqual(before?.map((cell) => ({ ...cell, evidence: undefined })));
});
