import { describe, expect, test } from 'vitest';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
import { ratesOf, type ThroughputBlock } from '../../helpers/evidence/throughput-block.ts';
import { nextThroughputStep, throughputVerdict, vetoOf } from '../../helpers/verdict/throughput.ts';
import { estimateOf } from '../../helpers/verdict/throughput-estimate.ts';
import { defaultTerms, throughputPlan } from '../../helpers/verdict/throughput-plan.ts';
import { abRun } from './fixtures/ab-runs.ts';
import { block, blocks, expected, measured, withMeasurement } from './fixtures/throughput-blocks.ts';

const plan = throughputPlan();
const verdictOf = (all: readonly ThroughputBlock[]) => throughputVerdict(all, expected, plan);
const stepAfter = (all: readonly ThroughputBlock[]) => nextThroughputStep(all, expected, plan);

describe('the verdict', () => {
  test('is within where the interval lies above the bound', () => {
    const verdict = verdictOf(blocks(8, 1.08));
    expect(verdict.kind).toBe('within');
    expect(verdict.estimate?.ratio).toBeCloseTo(1.08, 1);
    expect(verdict.estimate?.interval?.low).toBeGreaterThan(0.9);
  });

  test('is outside where the interval lies below the bound', () => {
    const verdict = verdictOf(blocks(12, 0.8));
    expect(verdict.kind).toBe('outside');
    expect(verdict.estimate?.interval?.high).toBeLessThan(0.9);
  });

  test('is inconclusive where the last block leaves the bound inside, with the figures', () => {
    expect(verdictOf(blocks(12, 0.91))).toMatchObject({
      kind: 'inconclusive',
      reason: expect.stringMatching(
        /^12 blocks could not tell: the ratio is 0\.9\d+, from 0\.8\d+ to 0\.9\d+, and the bound is 0\.90$/,
      ),
    });
  });

  test('is inconclusive where the run ended too soon', () => {
    expect(verdictOf([])).toEqual({
      kind: 'inconclusive',
      reason: 'the run ended after 0 of at most 12 blocks, before anything could be concluded',
      estimate: undefined,
    });
    expect(verdictOf(blocks(7, 0.91))).toMatchObject({
      reason: expect.stringContaining('after 7 of at most 12'),
    });
  });

  test('follows the tolerance', () => {
    const strict = throughputPlan({ ...defaultTerms, tolerance: 0.01 });
    expect(throughputVerdict(blocks(12, 0.93), expected, strict).kind).toBe('outside');
    const lenient = throughputPlan({ ...defaultTerms, tolerance: 0.25 });
    expect(throughputVerdict(blocks(12, 0.93), expected, lenient).kind).toBe('within');
  });
});

describe('another block is due', () => {
  test.for([0, 1, 2, 3, 4])('after %s blocks, however clear they are', (number) => {
    expect(stepAfter(blocks(number, 2)).kind).toBe('another block');
  });

  test('until the bound is outside the interval', () => {
    expect(stepAfter(blocks(5, 1.3)).kind).toBe('within');
    expect(stepAfter(blocks(5, 0.91)).kind).toBe('another block');
  });

  test('never after the last', () => {
    for (const ratio of [0.8, 0.9, 0.91, 1, 1.1]) {
      expect(stepAfter(blocks(12, ratio)).kind).not.toBe('another block');
    }
  });
});

describe('a block that does not count ends the run', () => {
  const wrong = {
    ...measured(900),
    answers: [{ status: 500, bytes: 405, count: 1000 }],
  };
  const hung = { startedAt: 0, ab: parseAbOutput(abRun('stuck', 119)), answers: [] };

  test('500 but fast', () => {
    const all = [...blocks(6, 1), withMeasurement(block(480, 480, 480), 'candidate', wrong)];
    expect(stepAfter(all)).toMatchObject({
      kind: 'inconclusive',
      reason: 'block 7, candidate: 1000 answers were 500 with 405 bytes, expected 200 with 405',
    });
  });

  test('a server found stuck, with ab’s own words', () => {
    const all = [withMeasurement(block(480, 480, 480), 'candidate', hung)];
    expect(verdictOf(all)).toEqual({
      kind: 'inconclusive',
      reason:
        'block 1, candidate: stuck after 37 of 1000 requests: apr_pollset_poll: The timeout specified has expired (70007)',
      estimate: undefined,
    });
  });

  test('even when the blocks before it were clear', () => {
    const all = [...blocks(11, 1.3), withMeasurement(block(480, 480, 480), 'baseline', hung)];
    expect(verdictOf(all).kind).toBe('inconclusive');
  });
});

describe('the control', () => {
  test('vetoes clear bias', () => {
    expect(verdictOf(blocks(12, 1.2, 1.12))).toMatchObject({
      kind: 'inconclusive',
      reason: expect.stringMatching(/^two equal servers are not equal here: one does 1\.\d+ of the other/),
    });
  });

  test('lets a run with an early bias go on', () => {
    expect(stepAfter(blocks(8, 1.4, 1.12)).kind).toBe('another block');
  });

  test('does not veto what 99 % leave open, nor what is small', () => {
    const interval = (low: number, high: number) =>
      ({ low, high, confidence: 0.99, of: 'both ends' }) as const;
    const veto = (ratio: number, low: number, high: number, scatter = 0.05) =>
      vetoOf({ ratio, interval: interval(low, high), scatter }) !== undefined;
    expect(veto(1.05, 0.99, 1.11)).toBe(false);
    expect(veto(1.03, 1.01, 1.05)).toBe(false);
    expect(veto(0.97, 0.95, 0.99)).toBe(false);
    expect(veto(1.05, 1.01, 1.09)).toBe(true);
    expect(veto(0.95, 0.91, 0.99)).toBe(true);
    expect(veto(1, 0.9, 1.1, 0.149)).toBe(false);
    expect(veto(1, 0.9, 1.1, 0.151)).toBe(true);
  });

  test('vetoes a machine that is too noisy', () => {
    const noisy = Array.from({ length: 12 }, (_, index) => {
      const rate = index % 2 === 0 ? 400 : 500;
      return block(rate, 900 - rate, 900);
    });
    expect(verdictOf(noisy)).toMatchObject({
      kind: 'inconclusive',
      reason: expect.stringMatching(
        /^the machine is too noisy: the ratio of two equal servers scatters by 23\.\d %/,
      ),
    });
  });
});

describe('the estimate', () => {
  const rates = [block(400, 400, 440), block(500, 500, 500), block(450, 450, 450)].flatMap(
    (it) => ratesOf(it) ?? [],
  );

  test('needs two blocks, and an interval needs a planned look', () => {
    expect(estimateOf(rates.slice(0, 1), plan)).toBeUndefined();
    expect(estimateOf(rates, plan)?.interval).toBeUndefined();
  });

  test('is the geometric mean of the ratios', () => {
    expect(estimateOf(rates, plan)?.ratio).toBeCloseTo(1.1 ** (1 / 3), 10);
    expect(estimateOf(rates, plan)?.scatter).toBeCloseTo(Math.log(1.1) / Math.sqrt(3), 10);
  });

  test('uses both baselines', () => {
    const apart = [1, 2, 3].flatMap(() => ratesOf(block(400, 900, 600)) ?? []);
    expect(estimateOf(apart, plan)).toMatchObject({
      ratio: expect.closeTo(1, 10),
      control: { ratio: expect.closeTo(2.25, 10) },
    });
  });

  test('does not care for what drifts from block to block', () => {
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
    expect(estimateOf(drifting, plan)?.ratio).toBeCloseTo(estimateOf(still, plan)?.ratio ?? 0, 10);
    expect(estimateOf(drifting, plan)?.scatter).toBeCloseTo(estimateOf(still, plan)?.scatter ?? 0, 10);
  });

  test('names a smallest loss that shrinks with the blocks', () => {
    const after = (number: number) => verdictOf(blocks(number, 0.91)).estimate?.smallestLoss ?? 0;
    expect(after(12)).toBeLessThan(after(6));
    expect(after(12)).toBeGreaterThan(0.01);
    expect(after(12)).toBeLessThan(0.1);
  });
});

describe('terms that make no sense are refused', () => {
  test.for([
    [{ tolerance: 0 }, 'tolerance 0: between 0 and 1'],
    [{ tolerance: 10 }, 'tolerance 10: between 0 and 1'],
    [{ confidence: 0.5 }, 'confidence 0.5: from 0.8, below 1'],
    [{ confidence: 95 }, 'confidence 95: from 0.8, below 1'],
    [{ mostBlocks: 4 }, 'at most 4 blocks: a whole number, from 5'],
    [{ mostBlocks: 7.5 }, 'at most 7.5 blocks: a whole number, from 5'],
  ] as const)('%o', ([terms, message]) => {
    expect(() => throughputPlan({ ...defaultTerms, ...terms })).toThrow(message);
  });
});
