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

/** A verdict about throughput, with its estimate. */
export type ThroughputVerdict = Extract<Verdict, { kind: ThroughputVerdictKind | 'inconclusive' }>;

/** The first reason why a block does not count, after its number; undefined: all count. */
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

/** Judges the blocks of a run that has ended. */
export function throughputVerdict(
  blocks: readonly ThroughputBlock[],
  expected: ExpectedAnswers,
  terms: ThroughputTerms,
): ThroughputVerdict {
  const reason = blocksProblem(blocks, expected);
  if (reason === undefined) return judgeRates(allRates(blocks), terms);
  const estimate = estimateSoFar(blocks, terms);
  return { ...inconclusive({ cause: 'throughput not measured', reason }), estimate };
}

/** The estimate from the blocks so far; undefined for fewer than two. */
export function estimateSoFar(
  blocks: readonly ThroughputBlock[],
  terms: ThroughputTerms,
): Estimate | undefined {
  return estimateOf(allRates(blocks), terms);
}

function allRates(blocks: readonly ThroughputBlock[]): Rates[] {
  return blocks.flatMap((block) => ratesOf(block) ?? []);
}

/** Judges valid blocks by their rates. */
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
    `${blocks} blocks allow no conclusion: the ratio is ${ratio.toFixed(3)} (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}), and the bound is ${bound.toFixed(2)}`,
  );
}

/**
 * Why the control forbids a verdict; undefined: it does not. Two one-sided tests must show that neither baseline server
 * loses more than the tolerance compared with the other. Not being shown to differ is not enough.
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
  const found = interval ? ` (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : '';
  return `the two equal servers were not shown to be equal: their ratio is ${ratio.toFixed(3)}${found}, expected between ${least.toFixed(2)} and ${most.toFixed(2)}`;
}
