import { normalCdf, normalQuantile } from './distributions.ts';

/** A look at the blocks so far, planned before the first of them. */
export interface Look {
  /** Blocks seen at this look. */
  readonly blocks: number;
  /** The error that may have been spent up to and with this look. */
  readonly spent: number;
  /** The bound for a standard normal statistic at this look. */
  readonly z: number;
  /** The bound as a one-sided significance level, which serves for other statistics as well. */
  readonly level: number;
}

/**
 * The error that may be spent once the share `t` of all blocks is in: little at first, nearly all at
 * the end, so that the last look is hardly stricter than a single one.
 *
 * K. K. G. Lan, D. L. DeMets, “Discrete sequential boundaries for clinical trials”, Biometrika 70
 * (1983) 659–663, the first of their functions, in the manner of O'Brien and Fleming.
 */
export function spentError(error: number, t: number): number {
  if (t <= 0) return 0;
  return 2 * (1 - normalCdf(normalQuantile(1 - error / 2) / Math.sqrt(Math.min(t, 1))));
}

/**
 * One-sided bounds for a mean that is looked at after `firstLook` blocks and then after each one up
 * to `mostBlocks`, such that all looks together wrongly cross with probability `error` at most.
 *
 * The density of the sum that has not crossed yet is carried from look to look by numerical
 * integration: P. Armitage, C. K. McPherson, B. C. Rowe, “Repeated significance tests on
 * accumulating data”, Journal of the Royal Statistical Society A 132 (1969) 235–244.
 */
export function sequentialLooks(error: number, firstLook: number, mostBlocks: number): Look[] {
  const looks: Look[] = [];
  let density: Density | undefined;
  let before = { blocks: 0, spent: 0 };
  for (let blocks = firstLook; blocks <= mostBlocks; blocks++) {
    const spent = spentError(error, blocks / mostBlocks);
    const step = Math.sqrt(blocks - before.blocks);
    const bound = boundFor(spent - before.spent, density, step, blocks);
    density = carry(density, step, bound, -TAIL * Math.sqrt(blocks));
    const z = bound / Math.sqrt(blocks);
    looks.push({ blocks, spent, z, level: 1 - normalCdf(z) });
    before = { blocks, spent };
  }
  return looks;
}

/** Values of a density at evenly spaced points, weighted for Simpson's rule. */
interface Density {
  readonly points: readonly number[];
  readonly weighted: readonly number[];
}

/** Standard deviations beyond which nothing is left to integrate. */
const TAIL = 8;
/** Intervals of the integration; more do not change the bounds in the fourth digit. */
const INTERVALS = 400;

/** The sum above which the probability of crossing for the first time at this look is `error`. */
function boundFor(error: number, density: Density | undefined, step: number, blocks: number): number {
  let [low, high] = [-TAIL * Math.sqrt(blocks), TAIL * Math.sqrt(blocks)];
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2;
    if (crossing(density, step, middle) > error) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function crossing(density: Density | undefined, step: number, bound: number): number {
  if (!density) return normalCdf(-bound / step);
  return density.points.reduce(
    (sum, point, index) => sum + (density.weighted[index] as number) * normalCdf((point - bound) / step),
    0,
  );
}

/** The density of the sum after another `step`, where it has not crossed `bound`. */
function carry(before: Density | undefined, step: number, bound: number, lowest: number): Density {
  const width = (bound - lowest) / INTERVALS;
  const points = Array.from({ length: INTERVALS + 1 }, (_, index) => lowest + index * width);
  const weighted = points.map((point, index) => {
    const value = before
      ? before.points.reduce(
          (sum, from, at) => sum + (before.weighted[at] as number) * normalDensity((point - from) / step),
          0,
        ) / step
      : normalDensity(point / step) / step;
    const weight = index === 0 || index === INTERVALS ? 1 : index % 2 === 1 ? 4 : 2;
    return (value * weight * width) / 3;
  });
  return { points, weighted };
}

function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}
