import { expect, test } from 'vitest';
import { runMerged, runSeen } from '../../helpers/report/run.ts';

const at = Date.UTC(2026, 0, 31, 12);
const one = { runId: '1', times: 'compressed', startUp: { engine: 10, broker: 4000 } } as const;
const two = { runId: '2', times: 'compressed', startUp: { engine: 20, broker: 3000 } } as const;

test('a run that was seen from start to end', () => {
  const clock = { startedAt: at, endedAt: at + 63_600 };
  expect(runSeen([{ run: one, startedAt: at + 4000, milliseconds: 30_000 }], clock, 'production')).toEqual({
    startedAt: '2026-01-31T12:00:00.000Z',
    seconds: 63.6,
    startUp: one.startUp,
    times: 'compressed',
  });
});

test('merged runs: the earliest start, the longest of each time', () => {
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

test('runs that tell nothing of themselves', () => {
  expect(runMerged([{ startedAt: at, milliseconds: 500 }], at + 1000, 'compressed')).toEqual({
    startedAt: '2026-01-31T12:00:00.000Z',
    seconds: 0.5,
    startUp: {},
    times: 'compressed',
  });
});
