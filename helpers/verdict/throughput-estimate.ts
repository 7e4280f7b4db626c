import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import type { Rates } from '../evidence/throughput-block.ts';
import { CONTROL_CONFIDENCE, type ThroughputPlan } from './throughput-plan.ts';

const share = z.number();
const scatter = z.number().describe('standard deviation of one block’s log ratio');

const interval = z.strictObject({
  low: share,
  high: share,
  confidence: share.describe('of each end alone, or of both together'),
  of: z.enum(['each end', 'both ends']),
});
export type Interval = Frozen<z.infer<typeof interval>>;

const control = z.strictObject({ ratio: share, interval: interval.optional(), scatter });
/** The second server of the baseline's kind against the first. */
export type Control = Frozen<z.infer<typeof control>>;

export const estimateSchema = z
  .strictObject({
    blocks: z.int().min(0),
    ratio: share.describe('the candidate’s throughput as a share of the baseline’s'),
    interval: interval.optional().describe('of the ratio; missing before the first look that is planned'),
    scatter,
    smallestLoss: share
      .optional()
      .describe('the smallest loss that as many such blocks tell from none, in four of five runs'),
    control,
  })
  .meta({ id: 'estimate' });
/** What the blocks so far say of the candidate's throughput. */
export type Estimate = Frozen<z.infer<typeof estimateSchema>>;

/**
 * Estimates the ratio from blocks, or gives undefined for fewer than two.
 *
 * The candidate is held against the geometric mean of the two baselines of its block: what drifts
 * from block to block cancels, and the second baseline is not wasted. The interval is valid at every
 * look: C. Jennison, B. W. Turnbull, “Interim analyses: the repeated confidence interval approach”,
 * Journal of the Royal Statistical Society B 51 (1989) 305–361.
 */
export function estimateOf(
  rates: readonly Rates[],
  { looks, confidence }: ThroughputPlan,
): Estimate | undefined {
  if (rates.length < 2) return undefined;
  const candidate = meanAndScatter(
    rates.map((it) => Math.log(it.candidate) - (Math.log(it.baseline) + Math.log(it.baselineAgain)) / 2),
  );
  const control = meanAndScatter(rates.map((it) => Math.log(it.baselineAgain) - Math.log(it.baseline)));
  const look = looks[rates.length];
  return {
    blocks: rates.length,
    ratio: Math.exp(candidate.mean),
    interval: look && { ...around(candidate, look.reach), confidence, of: 'each end' },
    scatter: candidate.scatter,
    smallestLoss: look && 1 - Math.exp(-look.seen * candidate.error),
    control: {
      ratio: Math.exp(control.mean),
      interval: look && {
        ...around(control, look.controlReach),
        confidence: CONTROL_CONFIDENCE,
        of: 'both ends',
      },
      scatter: control.scatter,
    },
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

function around({ mean, error }: LogRatio, reach: number): { low: number; high: number } {
  return { low: Math.exp(mean - reach * error), high: Math.exp(mean + reach * error) };
}
