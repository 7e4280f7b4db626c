import { expect, test } from 'vitest';
import { fisherTail, rateBounds, studentQuantile } from '../../helpers/verdict/distributions.ts';
import { fisherQuantile } from './fixtures/block-noise.ts';

// The figures are R's: qt, qf.
test.for([
  ['Student’s t', studentQuantile(0.95, 11), 1.7958848],
  ['Student’s t, far out', studentQuantile(0.999, 3), 10.2145319],
  ['Student’s t, few values', studentQuantile(0.995, 4), 4.6040949],
  ['Fisher’s F', fisherQuantile(0.95, 5, 10), 3.325835],
] as const)('a quantile of %s agrees with R', ([, value, expected]) => {
  expect(value).toBeCloseTo(expected, 6);
});

// 0.05 ** (1 / 1000) is the rule of three; the figures of the last row are R's qbeta.
test.for([
  ['never seen', 0, 1000, 0, 1 - 0.05 ** (1 / 1000), 8],
  ['always seen', 1000, 1000, 0.05 ** (1 / 1000), 1, 8],
  ['sometimes seen', 500, 10_000, 0.04646, 0.05374, 4],
] as const)('bounds of the rate of an event that was %s enclose it', ([, seen, of, low, high, digits]) => {
  const bounds = rateBounds(seen, of);
  expect(bounds.low).toBeCloseTo(low, digits);
  expect(bounds.high).toBeCloseTo(high, digits);
});

// By exact fractions of binomial coefficients; the first is Fisher’s lady tasting tea, 17/70.
test.for([
  [1, 4, 3, 4, 0.2428571],
  [6, 32, 20, 32, 0.0003874248],
  [994, 1001, 1001, 1001, 0.0077307147],
  [9, 9, 5, 5, 1],
] as const)('Fisher’s exact test: %s of %s, then %s of %s', ([hits, trials, later, laterTrials, value]) => {
  expect(fisherTail({ hits, trials }, { hits: later, trials: laterTrials })).toBeCloseTo(value, 7);
});
