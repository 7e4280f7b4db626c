import { describe, expect, test } from 'vitest';
import { throughputPlan } from '../../helpers/verdict/throughput-plan.ts';
import { finishedRun } from './fixtures/ab-runs.ts';
import { equalPairs, recordedTriples } from './fixtures/block-noise.ts';
import { kept, machines, promises, ratios, shown } from './throughput-promises.ts';
import { simulate } from './throughput-simulation.ts';

const plan = throughputPlan();
const seed = 1;

/** At the bound itself the rates are the largest, so they need the most runs to be shown. */
const RUNS = { 1: 2000, 0.9: 5000, 0.85: 2500 };

describe.for(Object.entries(machines))('on a machine with %s', ([, machine]) => {
  test.for(ratios)('a true ratio of %s', (ratio) => {
    const verdicts = simulate({ ...machine, ratio }, recordedTriples, plan, { runs: RUNS[ratio], seed });
    for (const promise of promises({ ...machine, ratio }, ratio)) {
      const bound = `${promise.verdict}: ${shown(promise, verdicts).toFixed(4)}, ${JSON.stringify(verdicts)}`;
      expect(kept(promise, verdicts), bound).toBe(true);
    }
  });
});

test('twice the noise moves verdicts to inconclusive', () => {
  const at = (scatter: number) =>
    simulate({ ratio: 0.85, scatter }, recordedTriples, plan, { runs: 1000, seed });
  const [quiet, noisy] = [at(0.06), at(0.12)];
  expect(noisy.inconclusive).toBeGreaterThan(3 * quiet.inconclusive);
  expect(noisy.outside).toBeLessThan(quiet.outside);
});

test('a run is short where the case is clear, and never longer than planned', () => {
  const at = (ratio: number) =>
    simulate({ ratio, scatter: 0.06 }, recordedTriples, plan, { runs: 1000, seed }).meanBlocks;
  expect(at(1)).toBeLessThan(7);
  expect(at(0.9)).toBeLessThanOrEqual(12);
});

test('the same seed gives the same verdicts', () => {
  const play = () => simulate({ ratio: 0.93, scatter: 0.06 }, recordedTriples, plan, { runs: 200, seed: 7 });
  expect(play()).toEqual(play());
});

test('the article’s pair lies inside what two equal servers give', () => {
  const article = Math.log(
    finishedRun('article-event').requestsPerSecond / finishedRun('article-prefork').requestsPerSecond,
  );
  const asFar = equalPairs.filter((it) => Math.abs(it) >= Math.abs(article)).length / equalPairs.length;
  expect(asFar).toBeGreaterThan(0.2);
});
