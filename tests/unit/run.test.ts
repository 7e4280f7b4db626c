import { expect, test } from 'vitest';
import { type RunEnd, runMerged, runSeen, whyNotWhole } from '../../helpers/report/results/run.ts';

const at = Date.UTC(2026, 0, 31, 12);
const one = { runId: '1', times: 'compressed', startUp: { engine: 10, broker: 4000 } } as const;
const two = { runId: '2', times: 'compressed', startUp: { engine: 20, broker: 3000 } } as const;

test('a run has its start, its length and the steps of its start-up', () => {
  const clock = { startedAt: at, endedAt: at + 63_600 };
  expect(runSeen([{ run: one, startedAt: at + 4000, milliseconds: 30_000 }], clock, 'production')).toEqual({
    startedAt: '2026-01-31T12:00:00.000Z',
    seconds: 63.6,
    startUp: one.startUp,
    times: 'compressed',
  });
});

test('merged runs have the earliest start and the longest of each time', () => {
  const tests = [
    { run: one, startedAt: at, milliseconds: 30_000 },
    { run: one, startedAt: at + 10_000, milliseconds: 30_000 },
    { run: two, startedAt: at + 5000, milliseconds: 20_000 },
    { run: two, milliseconds: 0 },
  ];
  expect(runMerged(tests, at + 60_000, 'production')).toEqual({
    startedAt: '2026-01-31T12:00:00.000Z',
    seconds: 40,
    startUp: { engine: 20, broker: 4000 },
    times: 'compressed',
    shards: 2,
  });
});

test('runs without information about themselves are merged by their files', () => {
  expect(runMerged([{ startedAt: at, milliseconds: 500 }], at + 1000, 'compressed')).toEqual({
    startedAt: '2026-01-31T12:00:00.000Z',
    seconds: 0.5,
    startUp: {},
    times: 'compressed',
  });
});

const shard = (index: number, count: number): RunEnd => ({ shard: { index, count } });

test.for<[title: string, ends: RunEnd[], why: string | undefined]>([
  ['a run that was not divided', [{}, {}], undefined],
  ['all shards, in any order', [shard(2, 2), shard(1, 2), shard(1, 2)], undefined],
  ['a shard that is not there', [shard(1, 3), shard(3, 3)], 'Of the 3 shards, 2 is missing.'],
  ['several', [shard(3, 4)], 'Of the 4 shards, 1, 2, 4 are missing.'],
  [
    'a shard that ended early: each of its files says so',
    [shard(1, 2), ...Array(2).fill({ ...shard(2, 2), endedEarly: 'The broker ended.' })],
    'Shard 2 of 2: The broker ended.',
  ],
  [
    'one that ended early, and one that is not there',
    [{ ...shard(2, 2), endedEarly: 'The broker ended.' }],
    'Shard 2 of 2: The broker ended. Of the 2 shards, 1 is missing.',
  ],
  [
    'shards of two runs',
    [shard(1, 2), shard(2, 2), shard(4, 4)],
    'The merged runs are shards of 2 and of 4, so they are not one run.',
  ],
])('merged runs: %s', ([, ends, why]) => {
  expect(whyNotWhole(ends)).toBe(why);
});

test('a run has the reason for its early end, merged or not', () => {
  const end = { endedEarly: 'Of the 2 shards, 1 is missing.' };
  expect(runMerged([], at, 'compressed', end)).toMatchObject(end);
  const alone = { shard: { index: 1, count: 2 }, endedEarly: 'The broker ended.' };
  expect(runSeen([], { startedAt: at, endedAt: at }, 'compressed', alone)).toMatchObject(alone);
});
