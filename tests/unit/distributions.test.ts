import { describe, expect, test } from 'vitest';
import {
  fisherQuantile,
  fisherTail,
  normalQuantile,
  rateBounds,
  studentQuantile,
} from '../../helpers/verdict/distributions.ts';

// The figures are R's: qt, qnorm, qf, qbeta.
test.for([
  [0.95, 11, 1.7958848],
  [0.999, 3, 10.2145319],
  [0.995, 4, 4.6040949],
] as const)('Student’s t: %s with %s degrees of freedom', ([probability, freedom, value]) => {
  expect(studentQuantile(probability, freedom)).toBeCloseTo(value, 6);
});

test('quantiles of the normal distribution agree with tables', () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 6);
});

test('quantiles of Fisher’s F agree with tables', () => {
  expect(fisherQuantile(0.95, 5, 10)).toBeCloseTo(3.325835, 5);
});

describe('bounds of a rate', () => {
  test('follow the rule of three for an event that was never seen', () => {
    expect(rateBounds(0, 1000)).toEqual({ low: 0, high: expect.closeTo(1 - 0.05 ** (1 / 1000), 8) });
  });

  test('reach 1 for an event that was always seen', () => {
    expect(rateBounds(1000, 1000)).toEqual({ low: expect.closeTo(0.05 ** (1 / 1000), 8), high: 1 });
  });

  test('enclose the rate of an event that was sometimes seen', () => {
    const { low, high } = rateBounds(500, 10_000);
    expect(low).toBeCloseTo(0.04646, 4);
    expect(high).toBeCloseTo(0.05374, 4);
  });
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
