import {
  blockProblem,
  type ExpectedAnswers,
  type Rates,
  ratesOf,
  type ThroughputBlock,
} from '../evidence/throughput-block.ts';
import type { ThroughputVerdictKind } from '../rows/expectation.ts';
import type { ThroughputTerms } from '../rows/throughput-terms.ts';
import { type Control, type Estimate, estimateOf } from './throughput-estimate.ts';
import { inconclusive, type Verdict } from './verdict.ts';

/** A verdict about throughput, with the estimate behind it. */
export type ThroughputVerdict = Extract<Verdict, { kind: ThroughputVerdictKind | 'inconclusive' }>;

/** The first reason why blocks do not count, with the number of the block, or undefined. */
export function blocksProblem(
  blocks: readonly ThroughputBlock[],
  expected: ExpectedAnswers,
): string | undefined {
  for (const [index, block] of blocks.entries()) {
    const problem = blockProblem(block, expected);
    if (problem !== undefined) return `block ${index + 1}, ${problem}`;
  }
  return undefined;
}

/** Draws the verdict from the blocks of a run that has ended. */
export function throughputVerdict(
  blocks: readonly ThroughputBlock[],
  expected: ExpectedAnswers,
  terms: ThroughputTerms,
): ThroughputVerdict {
  const reason = blocksProblem(blocks, expected);
  if (reason !== undefined)
    return {
      ...inconclusive({ cause: 'throughput not measured', reason }),
      estimate: estimateSoFar(blocks, terms),
    };
  return judgeRates(
    blocks.flatMap((it) => ratesOf(it) ?? []),
    terms,
  );
}

/** What the blocks of a run that goes on say, or undefined while there are fewer than two. */
export function estimateSoFar(
  blocks: readonly ThroughputBlock[],
  terms: ThroughputTerms,
): Estimate | undefined {
  return estimateOf(
    blocks.flatMap((it) => ratesOf(it) ?? []),
    terms,
  );
}

/** Judges valid blocks by their rates alone. */
export function judgeRates(rates: readonly Rates[], terms: ThroughputTerms): ThroughputVerdict {
  const estimate = estimateOf(rates, terms);
  const unclear = (reason: string) => ({
    ...inconclusive({ cause: 'throughput unclear', reason }),
    estimate,
  });
  if (!estimate?.interval) {
    return unclear(`the run ended after ${rates.length} of ${terms.mostBlocks} blocks`);
  }
  const doubt = controlDoubt(estimate.control, terms);
  if (doubt !== undefined) return unclear(doubt);
  const { ratio, interval, blocks } = estimate;
  const bound = 1 - terms.tolerance;
  if (interval.low > bound) return { kind: 'within', estimate };
  if (interval.high < bound) return { kind: 'outside', estimate };
  return unclear(
    `${blocks} blocks could not tell: the ratio is ${ratio.toFixed(3)}, from ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}, and the bound is ${bound.toFixed(2)}`,
  );
}

/**
 * Why the control forbids a verdict, or undefined. Two equal servers must be shown to be equal, which is more than
 * not being shown to differ: neither may lose more than the tolerance against the other, by two one-sided tests.
 *
 * D. J. Schuirmann, “A comparison of the two one-sided tests procedure and the power approach for assessing the
 * equivalence of average bioavailability”, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987) 657–680.
 */
export function controlDoubt(
  { ratio, interval }: Control,
  { tolerance }: ThroughputTerms,
): string | undefined {
  const [least, most] = [1 - tolerance, 1 / (1 - tolerance)];
  if (interval && interval.low > least && interval.high < most) return undefined;
  const found = interval ? `, from ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}` : '';
  return `two equal servers could not be shown to be equal: one does ${ratio.toFixed(3)} of the other${found}, and all of that must lie between ${least.toFixed(2)} and ${most.toFixed(2)}`;
}
