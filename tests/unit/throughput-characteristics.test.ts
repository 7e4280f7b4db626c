import { describe, expect, test } from 'vitest';
import { defaultTerms } from '../../helpers/rows/throughput-terms.ts';
import { finishedRun } from './fixtures/ab-runs.ts';
import { betweenContainers, equalPairs, recordedRuns } from './fixtures/block-noise.ts';
import { kept, machines, plans, promises, ratios, shown } from './fixtures/throughput-promises.ts';
import { simulate } from './fixtures/throughput-simulation.ts';

const seed = 1;

/** At the tolerance itself the shares come closest to what is promised, so they need the most runs to be shown. */
const RUNS = { 1.08: 1000, 1: 1000, 0.9: 5000, 0.8: 1000 };

describe.for(Object.entries(plans))('the plan of %s', ([, terms]) => {
  describe.for(Object.entries(machines))('on a machine with %s', ([, machine]) => {
    test.for(ratios)('keeps its promises at a true ratio of %s', (ratio) => {
      const verdicts = simulate({ ...machine, ratio }, recordedRuns, terms, { runs: RUNS[ratio], seed });
      for (const promise of promises(machine, ratio)) {
        const bound = `${promise.verdict}: ${shown(promise, verdicts).toFixed(4)}, ${JSON.stringify(verdicts)}`;
        expect(kept(promise, verdicts), bound).toBe(true);
      }
    });
  });
});

test('the interval allows for a larger difference between containers than the recorded runs leave possible', () => {
  expect(betweenContainers().bound).toBeLessThan(defaultTerms.betweenContainers);
});

test('an interval that does not allow for containers breaks the promise', () => {
  const narrow = { ...defaultTerms, betweenContainers: 0 };
  const machine = { ratio: 0.9, scatter: 0.05, betweenContainers: 0.03 };
  const { within, runs } = simulate(machine, recordedRuns, narrow, { runs: 2000, seed });
  expect(within / runs).toBeGreaterThan(0.1);
});

test('resampled blocks keep the correlation of neighbours', () => {
  const slow = Array.from({ length: 200 }, (_, index) => {
    const wave = Math.exp(0.1 * Math.sin(index / 8));
    return { baseline: 500, baselineAgain: 500, candidate: 500 * wave };
  });
  const shuffled = [...slow].sort((a, b) => Math.sin(a.candidate * 1e6) - Math.sin(b.candidate * 1e6));
  const wrong = (run: typeof slow) =>
    simulate({ ratio: 0.9, scatter: 0.05 }, [run], defaultTerms, { runs: 1000, seed }).within;
  expect(wrong(slow)).toBeGreaterThan(3 * wrong(shuffled));
});

test('twice the scatter makes more verdicts inconclusive', () => {
  const at = (scatter: number) =>
    simulate({ ratio: 0.8, scatter }, recordedRuns, defaultTerms, { runs: 1000, seed });
  const [quiet, noisy] = [at(0.06), at(0.12)];
  expect(noisy.inconclusive).toBeGreaterThan(3 * quiet.inconclusive);
  expect(noisy.outside).toBeLessThan(quiet.outside);
});

test('the same seed gives the same verdicts', () => {
  const simulated = () =>
    simulate({ ratio: 0.93, scatter: 0.06 }, recordedRuns, defaultTerms, { runs: 200, seed: 7 });
  expect(simulated()).toEqual(simulated());
});

test('the ratio of the article’s pair is within the scatter of two equal servers', () => {
  const article = Math.log(
    finishedRun('article-event').requestsPerSecond / finishedRun('article-prefork').requestsPerSecond,
  );
  const asFar =
    equalPairs.filter((difference) => Math.abs(difference) >= Math.abs(article)).length / equalPairs.length;
  expect(asFar).toBeGreaterThan(0.2);
});
