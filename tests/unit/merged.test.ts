import { expect, test } from 'vitest';
import { merged } from '../../helpers/report/merged.ts';
import { type Failure, type Results, resultsOf } from '../../helpers/report/results.ts';

const run = { startedAt: '2026-01-31T12:00:00.000Z', seconds: 60, startUp: {}, times: 'compressed' } as const;
const failure: Failure = { name: 'nova service-list', state: 'failed', errors: ['2 rows'] };

function shard(index: number, count: number, more: Partial<Results> = {}): Results {
  return { ...resultsOf({ ...run, shard: { index, count } }, []), ...more };
}

test('results of all shards are one whole run', () => {
  expect(merged([shard(2, 2), shard(1, 2)])).toMatchObject({ shards: 2, tests: [] });
  expect(merged([shard(2, 2), shard(1, 2)])).not.toHaveProperty('endedEarly');
});

test('merged results keep how each shard ended, what failed, and which is missing', () => {
  const { endedEarly, failures } = merged([
    shard(1, 4, { endedEarly: 'The broker ended.' }),
    shard(2, 4, { endedEarly: 'The engine is gone.', failures: [failure] }),
    shard(4, 4, { failures: [] }),
  ]);
  expect(endedEarly).toBe(
    'Shard 1 of 4: The broker ended. Shard 2 of 4: The engine is gone. Of the 4 shards, 3 is missing.',
  );
  expect(failures).toEqual([failure]);
});
