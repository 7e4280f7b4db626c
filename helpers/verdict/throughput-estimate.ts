import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { wholeNumber } from '../config/quantities.ts';
import type { Rates } from '../evidence/throughput-block.ts';
import type { ThroughputTerms } from '../rows/throughput-terms.ts';
import { studentQuantile } from './distributions.ts';

const share = z.number();
const scatter = z.number().describe('standard deviation of one block’s log ratio');

const interval = z.strictObject({
  low: share,
  high: share,
  confidence: share.describe('of each end separately'),
  of: z.literal('each end'),
});
/** A confidence interval of a ratio. */
export type Interval = Frozen<z.infer<typeof interval>>;

const control = z.strictObject({
  ratio: share,
  interval: interval.optional().describe('for these two containers; missing until all blocks are measured'),
  scatter,
});
/** The second baseline server compared with the first. */
export type Control = Frozen<z.infer<typeof control>>;

export const estimateSchema = z
  .strictObject({
    blocks: wholeNumber,
    ratio: share.describe('the candidate’s throughput as a share of the baseline’s'),
    interval: interval.optional().describe('of the ratio; missing until all blocks are measured'),
    scatter,
    smallestLoss: share
      .optional()
      .describe('the smallest loss that four of five runs with as many such blocks would detect'),
    control,
  })
  .meta({ id: 'estimate' });
/** The estimate of the candidate's throughput from the blocks so far. */
export type Estimate = Frozen<z.infer<typeof estimateSchema>>;

/** The probability that a run detects the smallest detectable loss. */
const POWER = 0.8;
/**
 * The candidate is compared with the mean of two baselines. The variance is this share of the variance of one container
 * compared with another: (1 + 1/2) / (1 + 1).
 */
const AGAINST_BOTH = 0.75;

/**
 * Estimates the candidate's ratio; undefined for fewer than two blocks.
 *
 * The candidate is compared with the geometric mean of the two baselines in the same block, so a drift from block to
 * block cancels out. The interval is Student's, over the log ratios of the blocks. Its variance includes the difference
 * between containers of one image. The interval is valid only for the planned number of blocks, and missing before.
 */
export function estimateOf(rates: readonly Rates[], terms: ThroughputTerms): Estimate | undefined {
  if (rates.length < 2) return undefined;
  const { confidence, mostBlocks, betweenContainers = 0 } = terms;
  const candidate = meanAndScatter(
    rates.map(
      (rate) => Math.log(rate.candidate) - (Math.log(rate.baseline) + Math.log(rate.baselineAgain)) / 2,
    ),
  );
  const control = meanAndScatter(rates.map((rate) => Math.log(rate.baselineAgain) - Math.log(rate.baseline)));
  const error = Math.sqrt(candidate.error ** 2 + AGAINST_BOTH * betweenContainers ** 2);
  const reach = studentQuantile(confidence, rates.length - 1);
  const isWhole = rates.length >= mostBlocks;
  const around = (mean: number, itsError: number): Interval => ({
    low: Math.exp(mean - reach * itsError),
    high: Math.exp(mean + reach * itsError),
    confidence,
    of: 'each end',
  });
  return {
    blocks: rates.length,
    ratio: Math.exp(candidate.mean),
    scatter: candidate.scatter,
    control: {
      ratio: Math.exp(control.mean),
      scatter: control.scatter,
      ...(isWhole && { interval: around(control.mean, control.error) }),
    },
    ...(isWhole && {
      interval: around(candidate.mean, error),
      smallestLoss: 1 - Math.exp(-(reach + studentQuantile(POWER, rates.length - 1)) * error),
    }),
  };
}

interface LogRatio {
  readonly mean: number;
  /** Standard deviation of one value. */
  readonly scatter: number;
  /** Standard error of the mean. */
  readonly error: number;
}

function meanAndScatter(values: readonly number[]): LogRatio {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const scatter = Math.sqrt(squares / (values.length - 1));
  return { mean, scatter, error: scatter / Math.sqrt(values.length) };
}
