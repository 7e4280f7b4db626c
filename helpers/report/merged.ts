import { ResultsError } from '../record/results-schema.ts';
import { type Results, resultsOf } from './results.ts';
import { longestOfEach, whyNotWhole } from './run.ts';

/**
 * One run out of the shards of a run: all their tests, with claims judged anew.
 *
 * @throws RangeError for none.
 * @throws ResultsError for runs that have nothing in common.
 */
export function merged(shards: readonly Results[]): Results {
  const [first] = shards;
  if (!first) throw new RangeError('there are no results to merge');
  if (shards.length === 1) return first;
  const { times, machine } = first;
  if (shards.some((shard) => shard.times !== times)) {
    throw new ResultsError('results of compressed and of production times cannot be merged');
  }
  const endedEarly = whyNotWhole(shards);
  const failures = shards.flatMap(({ failures = [] }) => failures);
  const starts = shards.map(({ startedAt }) => startedAt).sort();
  return resultsOf(
    {
      startedAt: starts[0] as string,
      // Shards run side by side.
      seconds: Math.max(...shards.map(({ seconds }) => seconds)),
      startUp: longestOfEach(shards.map(({ startUp }) => startUp)),
      times,
      machine,
      ...(endedEarly !== undefined && { endedEarly }),
      ...(shards.some(({ failures }) => failures) && { failures }),
      shards: shards.reduce((sum, { shards = 1 }) => sum + shards, 0),
    },
    shards.flatMap(({ tests }) => tests),
  );
}
