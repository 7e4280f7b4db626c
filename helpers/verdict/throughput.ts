import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import {
  blockProblem,
  type ExpectedAnswers,
  type Rates,
  ratesOf,
  type ThroughputBlock,
} from '../evidence/throughput-block.ts';
import { type Control, type Estimate, estimateOf, estimateSchema } from './throughput-estimate.ts';
import type { ThroughputPlan } from './throughput-plan.ts';

/**
 * Whether the candidate keeps up with the baseline.
 * - `within`: it loses no more than the tolerance.
 * - `outside`: it loses more.
 * - `inconclusive`: the blocks could not tell, or were not valid.
 */
export const throughputVerdictSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['within', 'outside']), estimate: estimateSchema }),
  z.strictObject({
    kind: z.literal('inconclusive'),
    reason: z.string(),
    estimate: estimateSchema.optional(),
  }),
]);
export type ThroughputVerdict = Frozen<z.infer<typeof throughputVerdictSchema>>;

/** What follows from the blocks so far: a verdict, or that another block is due. */
export type ThroughputStep =
  | ThroughputVerdict
  | { readonly kind: 'another block'; readonly estimate?: Estimate | undefined };

/** The control's interval must be clear of 1, and its ratio this far off as well, to veto. */
export const CLEAR_BIAS = 0.035;
/**
 * Standard deviation of the control's log ratio from which the machine is too noisy. A quiet one has
 * 0.05 to 0.09; what lies between costs blocks, or the verdict, by the interval alone.
 */
export const TOO_MUCH_SCATTER = 0.15;

/** Draws the verdict from all blocks of a run that has ended. Pure. */
export function throughputVerdict(
  blocks: readonly ThroughputBlock[],
  expected: ExpectedAnswers,
  plan: ThroughputPlan,
): ThroughputVerdict {
  const step = nextThroughputStep(blocks, expected, plan);
  if (step.kind !== 'another block') return step;
  const reason = `the run ended after ${blocks.length} of at most ${plan.mostBlocks} blocks, before anything could be concluded`;
  return { kind: 'inconclusive', reason, estimate: step.estimate };
}

/** Decides after a block whether there must be another. Pure. */
export function nextThroughputStep(
  blocks: readonly ThroughputBlock[],
  expected: ExpectedAnswers,
  plan: ThroughputPlan,
): ThroughputStep {
  const rates: Rates[] = [];
  for (const [index, block] of blocks.entries()) {
    const problem = blockProblem(block, expected);
    const of = ratesOf(block);
    if (problem !== undefined || !of) {
      const reason = `block ${index + 1}, ${problem ?? 'a rate is missing'}`;
      return { kind: 'inconclusive', reason, estimate: estimateOf(rates, plan) };
    }
    rates.push(of);
  }
  return judgeRates(rates, plan);
}

/** Judges valid blocks by their rates alone. Pure. */
export function judgeRates(rates: readonly Rates[], plan: ThroughputPlan): ThroughputStep {
  const estimate = estimateOf(rates, plan);
  if (!estimate?.interval) return { kind: 'another block', estimate };
  const { interval, control } = estimate;
  const bound = 1 - plan.tolerance;
  const kind = interval.low > bound ? 'within' : interval.high < bound ? 'outside' : undefined;
  const veto = vetoOf(control);
  if (kind && veto === undefined) return { kind, estimate };
  if (rates.length < plan.mostBlocks) return { kind: 'another block', estimate };
  return { kind: 'inconclusive', reason: veto ?? unclear(estimate, plan), estimate };
}

/** Why the control forbids a verdict, or undefined. */
export function vetoOf({ ratio, interval, scatter }: Control): string | undefined {
  if (scatter > TOO_MUCH_SCATTER) {
    return `the machine is too noisy: the ratio of two equal servers scatters by ${percent(scatter)} from block to block, the limit is ${percent(TOO_MUCH_SCATTER)}`;
  }
  const clear = interval && (interval.low > 1 || interval.high < 1);
  if (clear && Math.abs(ratio - 1) > CLEAR_BIAS) {
    return `two equal servers are not equal here: one does ${ratio.toFixed(3)} of the other (99 % interval ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`;
  }
  return undefined;
}

function unclear({ ratio, interval, blocks }: Estimate, { tolerance }: ThroughputPlan): string {
  return `${blocks} blocks could not tell: the ratio is ${ratio.toFixed(3)}, from ${interval?.low.toFixed(3)} to ${interval?.high.toFixed(3)}, and the bound is ${(1 - tolerance).toFixed(2)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
