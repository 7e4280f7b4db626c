import { expect, test } from 'vitest';
import { isHeartbeat, isThroughput } from '../../helpers/record/record.ts';
import { parseResults } from '../../helpers/record/results-schema.ts';
import { pageOfResults } from '../../helpers/report/page/page-of-results.ts';
import { type Results, type TestResult, testsOf } from '../../helpers/report/results.ts';
import { heartbeatsMarkdown } from '../../helpers/report/rows-markdown.ts';
import { isWhole, withoutTimeline } from '../../helpers/report/without-timeline.ts';
import { fullSampleResults } from './fixtures/sample-results.ts';

const whole = fullSampleResults();
const withoutTimelines = parseResults(JSON.stringify(withoutTimeline(whole)));
const evidenceOf = (results: Results) =>
  testsOf(results, isHeartbeat).flatMap(({ cell }) => cell.evidence ?? []);

test('a file without timelines has the rows under traffic, without their requests and frames', () => {
  expect(withoutTimelines.tests.map(({ name }) => name)).toEqual(
    testsOf(whole, isHeartbeat).map(({ name }) => name),
  );
  for (const { requests, connections } of evidenceOf(withoutTimelines)) {
    expect(requests).not.toHaveProperty('all');
    for (const connection of connections.all) expect(connection).not.toHaveProperty('packets');
  }
  expect(evidenceOf(whole).every(isWhole)).toBe(true);
  expect(evidenceOf(withoutTimelines).some(isWhole)).toBe(false);
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
  expect(withoutTimeline({ ...whole, tests: [failed] })).toMatchObject({
    tests: [],
    failures: [{ file, name: 'a row', state: 'failed', errors: ['late'] }],
  });
  expect(withoutTimeline(whole)).not.toHaveProperty('failures');
});

test('its table is the same as that of the whole run', () => {
  expect(heartbeatsMarkdown(withoutTimelines)).toEqual(heartbeatsMarkdown(whole));
});

test('its page has the same facts as that of the whole run, but no requests', () => {
  const pages = [whole, withoutTimelines].map((results) => pageOfResults(results).heartbeat);
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
    sentence: expect.stringMatching(/^18 of 24 .*\b16 .*heartbeat.*\b2 .*nobody.*\b0 of 24 /),
    requests: [],
  });
  expect(first?.evidence?.facts).toContainEqual([
    'Packets at the broker',
    expect.stringMatching(/^not in this file, \d+ heartbeat frames from the client$/),
  ]);
});

test('its times begin at the start of the run', () => {
  const started = Date.parse(whole.startedAt);
  for (const { evidence } of pageOfResults(withoutTimelines).heartbeat) {
    if (!evidence) continue;
    expect(Math.abs(evidence.origin - started)).toBeLessThan(60_000);
    for (const { at } of [...evidence.drops, ...evidence.connections]) expect(at).toBeLessThan(60_000);
  }
});
