import { describe, expect, test } from 'vitest';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
import { ratesOf, type ThroughputBlock } from '../../helpers/evidence/throughput-block.ts';
import { defaultTerms } from '../../helpers/rows/throughput-terms.ts';
import { blocksProblem, controlDoubt, throughputVerdict } from '../../helpers/verdict/throughput.ts';
import { estimateOf } from '../../helpers/verdict/throughput-estimate.ts';
import { abRun } from './fixtures/ab-runs.ts';
import { block, blocks, expected, measured, withMeasurement } from './fixtures/throughput-blocks.ts';

const planned = defaultTerms.mostBlocks;
const verdictOf = (all: readonly ThroughputBlock[], terms = defaultTerms) =>
  throughputVerdict(all, expected, terms);

describe('the verdict', () => {
  test('is within if the interval is above the bound', () => {
    const verdict = verdictOf(blocks(planned, 1.08));
    expect(verdict.kind).toBe('within');
    expect(verdict.estimate?.ratio).toBeCloseTo(1.08, 1);
    expect(verdict.estimate?.interval?.low).toBeGreaterThan(0.9);
  });

  test('is outside if the interval is below the bound', () => {
    const verdict = verdictOf(blocks(planned, 0.8));
    expect(verdict.kind).toBe('outside');
    expect(verdict.estimate?.interval?.high).toBeLessThan(0.9);
  });

  test('is inconclusive, with the figures, if the bound is in the interval', () => {
    expect(verdictOf(blocks(planned, 0.91))).toMatchObject({
      kind: 'inconclusive',
      reason: expect.stringMatching(/^10 blocks .* 0\.9\d+ \(0\.8\d+ to 0\.9\d+\).* 0\.90$/),
    });
  });

  test('is inconclusive if the run ended too soon, however clear its blocks are', () => {
    expect(verdictOf([])).toEqual({
      kind: 'inconclusive',
      cause: 'throughput unclear',
      reason: 'the run ended after 0 of 10 blocks',
      estimate: undefined,
    });
    expect(verdictOf(blocks(planned - 1, 2))).toMatchObject({
      kind: 'inconclusive',
      reason: 'the run ended after 9 of 10 blocks',
    });
  });

  test('depends on the tolerance', () => {
    const about = blocks(planned, 0.84);
    expect(verdictOf(about, { ...defaultTerms, tolerance: 0.05 }).kind).toBe('outside');
    expect(verdictOf(about, { ...defaultTerms, tolerance: 0.25 }).kind).toBe('within');
  });
});

describe('a block that does not count makes a run inconclusive', () => {
  const wrong = {
    ...measured(900),
    answers: [{ status: 500, bytes: 405, count: 1000 }],
  };
  const hung = { startedAt: 0, ab: parseAbOutput(abRun('stuck', 119)), answers: [] };

  test('if its answers are fast, but have status 500', () => {
    const all = [...blocks(6, 1), withMeasurement(block(480, 480, 480), 'candidate', wrong)];
    const reason = 'block 7, candidate: 1000 answers were 500 with 405 bytes, expected 200 with 405';
    expect(blocksProblem(all, expected)).toBe(reason);
    expect(verdictOf(all)).toMatchObject({ kind: 'inconclusive', reason });
  });

  test('if a server is stuck, in ab’s own words', () => {
    const all = [withMeasurement(block(480, 480, 480), 'candidate', hung)];
    expect(verdictOf(all)).toEqual({
      kind: 'inconclusive',
      cause: 'throughput not measured',
      reason:
        'block 1, candidate: stuck after 37 of 1000 requests: apr_pollset_poll: The timeout specified has expired (70007)',
      estimate: undefined,
    });
  });

  test('even if the blocks before it were clear', () => {
    const all = [...blocks(planned - 1, 1.3), withMeasurement(block(480, 480, 480), 'baseline', hung)];
    expect(verdictOf(all).kind).toBe('inconclusive');
  });
});

describe('the control', () => {
  const doubt = (low: number, high: number) =>
    controlDoubt(
      { ratio: (low + high) / 2, interval: { low, high, confidence: 0.95, of: 'each end' }, scatter: 0.05 },
      defaultTerms,
    );

  test.for([
    [0.91, 1.1],
    [0.98, 1.05],
    [1.01, 1.06],
  ])('passes if all of its interval, %s to %s, is nearly equal', ([low = 0, high = 0]) => {
    expect(doubt(low, high)).toBeUndefined();
  });

  test.for([
    [0.89, 1.01],
    [1.0, 1.12],
    [0.8, 1.25],
    [1.05, 1.15],
  ])('fails if a clear difference is possible: %s to %s', ([low = 0, high = 0]) => {
    expect(doubt(low, high)).toMatch(/equal servers.* 0\.90 and 1\.11$/);
  });

  test('forbids a verdict if two equal servers differ', () => {
    expect(verdictOf(blocks(planned, 1.2, 1.12))).toMatchObject({
      kind: 'inconclusive',
      reason: expect.stringMatching(/equal servers.* 1\.1\d+ /),
    });
  });

  test('forbids a verdict if few blocks hide a difference of two equal servers', () => {
    const few = { ...defaultTerms, mostBlocks: 5 };
    const all = [0.85, 1.15, 0.87, 1.13, 1].map((it) => block(480, 480 * it, 900));
    const { estimate, ...verdict } = verdictOf(all, few);
    expect(estimate?.interval?.low).toBeGreaterThan(0.9);
    expect(verdict).toMatchObject({
      kind: 'inconclusive',
      reason: expect.stringMatching(/equal servers/),
    });
  });
});

describe('the estimate', () => {
  const rates = [block(400, 400, 440), block(500, 500, 500), block(450, 450, 450)].flatMap(
    (it) => ratesOf(it) ?? [],
  );
  const three = { ...defaultTerms, mostBlocks: 3 };

  test('needs two blocks, and its interval needs all planned blocks', () => {
    expect(estimateOf(rates.slice(0, 1), three)).toBeUndefined();
    expect(estimateOf(rates.slice(0, 2), three)?.interval).toBeUndefined();
    expect(estimateOf(rates, three)?.interval).toBeDefined();
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
      const it = estimateOf(rates, { ...three, betweenContainers });
      const width = ({ low, high } = { low: 0, high: 0 }) => Math.log(high / low);
      return { candidate: width(it?.interval), control: width(it?.control.interval) };
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
    const drifting = blocks(8, 0.95).map((it, index) => {
      const of = ratesOf(it) ?? { baseline: 0, baselineAgain: 0, candidate: 0 };
      const rate = (value: number) => value * 0.9 ** index;
      return {
        baseline: rate(of.baseline),
        baselineAgain: rate(of.baselineAgain),
        candidate: rate(of.candidate),
      };
    });
    const still = blocks(8, 0.95).flatMap((it) => ratesOf(it) ?? []);
    expect(estimateOf(drifting, three)?.ratio).toBeCloseTo(estimateOf(still, three)?.ratio ?? 0, 10);
    expect(estimateOf(drifting, three)?.scatter).toBeCloseTo(estimateOf(still, three)?.scatter ?? 0, 10);
  });

  test('has a smallest detectable loss that shrinks with more blocks, down to the difference of containers', () => {
    const after = (mostBlocks: number) =>
      verdictOf(blocks(mostBlocks, 0.91), { ...defaultTerms, mostBlocks }).estimate?.smallestLoss ?? 0;
    expect(after(12)).toBeLessThan(after(6));
    expect(after(12)).toBeGreaterThan(0.03);
    expect(after(12)).toBeLessThan(0.12);
  });
});
