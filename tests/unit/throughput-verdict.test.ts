import { describe, expect, test } from 'vitest';
import { ratesOf, type ThroughputBlock } from '../../helpers/evidence/throughput-block.ts';
import { defaultTerms, type ThroughputTerms } from '../../helpers/rows/throughput-terms.ts';
import { estimateOf } from '../../helpers/verdict/throughput-estimate.ts';
import { blocksProblem, controlDoubt, throughputVerdict } from '../../helpers/verdict/throughput-verdict.ts';
import { block, blocks, expected, measured, stuck, withMeasurement } from './fixtures/throughput-blocks.ts';

const planned = defaultTerms.mostBlocks;
const even = block(480, 480, 480);
const verdictOf = (all: readonly ThroughputBlock[], change: Partial<ThroughputTerms> = {}) =>
  throughputVerdict(all, expected, { ...defaultTerms, ...change });

test('the verdict is within if the interval is above the bound', () => {
  const { kind, estimate } = verdictOf(blocks(planned, 1.08));
  expect(kind).toBe('within');
  expect(estimate?.ratio).toBeCloseTo(1.08, 1);
  expect(estimate?.interval?.low).toBeGreaterThan(0.9);
});

test('the verdict is outside if the interval is below the bound', () => {
  const { kind, estimate } = verdictOf(blocks(planned, 0.8));
  expect(kind).toBe('outside');
  expect(estimate?.interval?.high).toBeLessThan(0.9);
});

test.for([
  [0.05, 'outside'],
  [0.25, 'within'],
] as const)('a ratio of about 0.84 is, with a tolerance of %s, %s', ([tolerance, kind]) => {
  expect(verdictOf(blocks(planned, 0.84), { tolerance }).kind).toBe(kind);
});

describe('the verdict is inconclusive if', () => {
  const fastErrors = { ...measured(900), answers: [{ status: 500, bytes: 405, count: 1000 }] };
  const hidden = [0.85, 1.15, 0.87, 1.13, 1].map((factor) => block(480, 480 * factor, 900));

  test.for<[string, ThroughputBlock[], 'throughput unclear' | 'throughput not measured', RegExp]>([
    [
      'the bound is in the interval',
      blocks(planned, 0.91),
      'throughput unclear',
      /^10 blocks .* 0\.9\d+ \(0\.8\d+ to 0\.9\d+\).* 0\.90$/,
    ],
    ['no block was measured', [], 'throughput unclear', / 0 of 10 blocks$/],
    ['the run ended too soon', blocks(planned - 1, 2), 'throughput unclear', / 9 of 10 blocks$/],
    [
      'answers are fast, but have status 500',
      [...blocks(6, 1), withMeasurement(even, 'candidate', fastErrors)],
      'throughput not measured',
      /^block 7, candidate: 1000 answers were 500 .* 200 /,
    ],
    [
      'a server is stuck',
      [withMeasurement(even, 'candidate', stuck)],
      'throughput not measured',
      /^block 1, candidate: stuck after 37 of 1000 requests: apr_pollset_poll: /,
    ],
    [
      'a server is stuck after blocks that were clear',
      [...blocks(planned - 1, 1.3), withMeasurement(even, 'baseline', stuck)],
      'throughput not measured',
      /^block 10, baseline: stuck/,
    ],
    [
      'two equal servers differ',
      blocks(planned, 1.2, 1.12),
      'throughput unclear',
      /two equal servers .* 1\.1\d+ /,
    ],
  ])('%s', ([, all, cause, fact]) => {
    const verdict = verdictOf(all);
    expect(verdict).toMatchObject({ kind: 'inconclusive', cause, reason: expect.stringMatching(fact) });
    expect(blocksProblem(all, expected) !== undefined).toBe(cause === 'throughput not measured');
  });

  test('few blocks hide a difference of two equal servers', () => {
    const { estimate, ...verdict } = verdictOf(hidden, { mostBlocks: hidden.length });
    expect(estimate?.interval?.low).toBeGreaterThan(0.9);
    expect(verdict).toMatchObject({
      kind: 'inconclusive',
      reason: expect.stringMatching(/two equal servers/),
    });
  });
});

test.for([
  [0.91, 1.1, undefined],
  [0.98, 1.05, undefined],
  [1.01, 1.06, undefined],
  [0.89, 1.01, /0\.90 and 1\.11/],
  [1.0, 1.12, /0\.90 and 1\.11/],
  [0.8, 1.25, /0\.90 and 1\.11/],
  [1.05, 1.15, /0\.90 and 1\.11/],
] as const)('the control passes if its whole interval is nearly equal: %s to %s', ([low, high, bounds]) => {
  const interval = { low, high, confidence: 0.95, of: 'each end' } as const;
  const doubt = controlDoubt({ ratio: (low + high) / 2, interval, scatter: 0.05 }, defaultTerms);
  expect(doubt).toEqual(bounds && expect.stringMatching(bounds));
});

describe('the estimate', () => {
  const rates = [block(400, 400, 440), block(500, 500, 500), block(450, 450, 450)].flatMap(
    (block) => ratesOf(block) ?? [],
  );
  const three = { ...defaultTerms, mostBlocks: 3 };

  test('needs two blocks, and its interval needs all planned blocks', () => {
    expect(estimateOf(rates.slice(0, 1), three)).toBeUndefined();
    expect(estimateOf(rates.slice(0, 2), three)?.interval).toBeUndefined();
  });

  test('is the geometric mean of the ratios', () => {
    expect(estimateOf(rates, three)?.ratio).toBeCloseTo(1.1 ** (1 / 3), 10);
    expect(estimateOf(rates, three)?.scatter).toBeCloseTo(Math.log(1.1) / Math.sqrt(3), 10);
  });

  test('has Student’s interval, the same as R’s t.test', () => {
    // t.test(log(c(1.1, 1, 1)), conf.level = 0.9): −0.0610 to 0.1245
    const { low = 0, high = 0 } = estimateOf(rates, { ...three, betweenContainers: 0 })?.interval ?? {};
    const reach = (2.919986 * Math.log(1.1)) / 3;
    expect(Math.log(low)).toBeCloseTo(Math.log(1.1) / 3 - reach, 5);
    expect(Math.log(high)).toBeCloseTo(Math.log(1.1) / 3 + reach, 5);
  });

  test('allows for differences between containers in its interval, but not in the control’s', () => {
    const of = (betweenContainers: number) => {
      const estimate = estimateOf(rates, { ...three, betweenContainers });
      const width = ({ low, high } = { low: 0, high: 0 }) => Math.log(high / low);
      return { candidate: width(estimate?.interval), control: width(estimate?.control.interval) };
    };
    expect(of(0.03).control).toBe(of(0).control);
    // of each end: two baselines of their own and one candidate, 0.03² / 2 × (1 + 1/2)
    const half = (width: number) => width / 2 / 2.919986;
    expect(half(of(0.03).candidate) ** 2 - half(of(0).candidate) ** 2).toBeCloseTo(0.75 * 0.03 ** 2, 8);
  });

  test('uses both baselines', () => {
    const apart = [1, 2, 3].flatMap(() => ratesOf(block(400, 900, 600)) ?? []);
    expect(estimateOf(apart, three)).toMatchObject({
      ratio: expect.closeTo(1, 10),
      control: { ratio: expect.closeTo(2.25, 10) },
    });
  });

  test('is not affected by drift from block to block', () => {
    const still = blocks(8, 0.95).flatMap((block) => ratesOf(block) ?? []);
    const drifting = still.map(({ baseline, baselineAgain, candidate }, index) => {
      const slower = 0.9 ** index;
      return {
        baseline: baseline * slower,
        baselineAgain: baselineAgain * slower,
        candidate: candidate * slower,
      };
    });
    const { ratio = 0, scatter = 0 } = estimateOf(still, three) ?? {};
    expect(estimateOf(drifting, three)).toMatchObject({
      ratio: expect.closeTo(ratio, 10),
      scatter: expect.closeTo(scatter, 10),
    });
  });

  test('has a smallest detectable loss that shrinks with more blocks, down to the difference of containers', () => {
    const after = (mostBlocks: number) =>
      verdictOf(blocks(mostBlocks, 0.91), { mostBlocks }).estimate?.smallestLoss ?? 0;
    expect(after(12)).toBeLessThan(after(6));
    expect(after(12)).toBeGreaterThan(0.03);
    expect(after(12)).toBeLessThan(0.12);
  });
});
