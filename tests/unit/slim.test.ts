import { expect, test } from 'vitest';
import { pageOfResults } from '../../helpers/report/page/page-of-results.ts';
import { type Results, type TestResult, testsOf } from '../../helpers/report/results.ts';
import { parseResults } from '../../helpers/report/results-schema.ts';
import { isWhole, slim } from '../../helpers/report/slim.ts';
import { truthTableMarkdown } from '../../helpers/report/truth-table-markdown.ts';
import { fullSampleResults } from './fixtures/sample-results.ts';

const whole = fullSampleResults();
const slimmed = parseResults(JSON.stringify(slim(whole)));
const evidenceOf = (results: Results) =>
  testsOf(results, 'heartbeat').flatMap(({ cell }) => cell.evidence ?? []);

test('a slimmed run has its heartbeat cells, and neither requests nor frames', () => {
  expect(slimmed.tests.map(({ name }) => name)).toEqual(testsOf(whole, 'heartbeat').map(({ name }) => name));
  for (const { requests, connections } of evidenceOf(slimmed)) {
    expect(requests).not.toHaveProperty('all');
    for (const connection of connections.all) expect(connection).not.toHaveProperty('packets');
  }
  expect(evidenceOf(whole).every(isWhole)).toBe(true);
  expect(evidenceOf(slimmed).some(isWhole)).toBe(false);
});

test('a failed test of a cell that is not kept stays a failure', () => {
  const { file, cell } = whole.tests.find(({ cell }) => cell.kind === 'throughput') as TestResult;
  const failed: TestResult = {
    file,
    name: 'a row',
    state: 'failed',
    milliseconds: 1,
    errors: ['late'],
    cell,
  };
  expect(slim({ ...whole, tests: [failed] })).toMatchObject({
    tests: [],
    failures: [{ file, name: 'a row', state: 'failed', errors: ['late'] }],
  });
  expect(slim(whole)).not.toHaveProperty('failures');
});

test('its table is that of the whole run', () => {
  expect(truthTableMarkdown(slimmed)).toEqual(truthTableMarkdown(whole));
});

test('its page says what the whole run’s says, but for what it does not hold', () => {
  const pages = [whole, slimmed].map((results) => pageOfResults(results).heartbeat);
  const [before = [], after = []] = pages;
  const kept = ({ evidence, ...cell }: (typeof before)[number]) => ({
    ...cell,
    sentence: evidence?.sentence,
    dropWords: evidence?.dropWords,
    sent: evidence?.sent,
    lost: evidence?.lost,
  });
  expect(after.map(kept)).toEqual(before.map(kept));
  const [first] = after;
  expect(first?.evidence).toMatchObject({
    whole: false,
    sentence: '27 of 32 connections dropped (24 told by heartbeat, 3 by nobody), 0 of 32 requests slowed',
    requests: [],
  });
  expect(first?.evidence?.facts).toContainEqual([
    'Packets at the broker',
    expect.stringMatching(/^not in this file, \d+ heartbeat frames from the client$/),
  ]);
});

test('its times are of the run, and not of 1970', () => {
  const started = Date.parse(whole.startedAt);
  for (const { evidence } of pageOfResults(slimmed).heartbeat) {
    if (!evidence) continue;
    expect(Math.abs(evidence.origin - started)).toBeLessThan(60_000);
    for (const { at } of [...evidence.drops, ...evidence.connections]) expect(at).toBeLessThan(60_000);
  }
});
