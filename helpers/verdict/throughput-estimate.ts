import type { Rates } from '../evidence/throughput-block.ts';
import { CONTROL_CONFIDENCE, type ThroughputPlan } from './throughput-plan.ts';

/** What the blocks so far say of the candidate's throughput. */
export interface Estimate {
  readonly blocks: number;
  /** The candidate's throughput as a share of the baseline's. */
  readonly ratio: number;
  /** Undefined before the first look that is planned. */
  readonly interval?: Interval | undefined;
  /** Standard deviation of one block's log ratio. */
  readonly scatter: number;
  /** The smallest loss, as a share, that this many blocks with this scatter tell from none, in four of five runs. */
  readonly smallestLoss?: number | undefined;
  readonly control: Control;
}

/** The second server of the baseline's kind against the first. */
export interface Control {
  readonly ratio: number;
  readonly interval?: Interval | undefined;
  /** Standard deviation of one block's log ratio. */
  readonly scatter: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Of each end alone, or of both together. */
  readonly confidence: number;
  readonly of: 'each end' | 'both ends';
}

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
