import library from 'jstat';

const { jStat } = library;

/** A quantile of Student's t distribution. */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(probability, degreesOfFreedom);
}

/**
 * Confidence bounds of the rate behind `hits` in `trials`. Each bound is one-sided, with this confidence.
 *
 * Exact: C. J. Clopper, E. S. Pearson, “The use of confidence or fiducial limits illustrated in the
 * case of the binomial”, Biometrika 26 (1934) 404–413.
 */
export function rateBounds(hits: number, trials: number, confidence = 0.95): { low: number; high: number } {
  return {
    low: hits === 0 ? 0 : jStat.beta.inv(1 - confidence, hits, trials - hits + 1),
    high: hits === trials ? 1 : jStat.beta.inv(confidence, hits + 1, trials - hits),
  };
}

/** How often something happened, and how often it could have happened. */
export interface Share {
  readonly hits: number;
  readonly trials: number;
}

/**
 * The p-value that the second sample's rate is not higher: the probability of its hits or more, if both samples have
 * the same rate and the same hits in total.
 *
 * Exact: R. A. Fisher, “The logic of inductive inference”, Journal of the Royal Statistical Society 98 (1935) 39–82.
 */
export function fisherTail(first: Share, second: Share): number {
  const trials = first.trials + second.trials;
  const hits = first.hits + second.hits;
  let tail = 0;
  for (let more = second.hits; more <= Math.min(hits, second.trials); more++) {
    tail += Math.exp(
      logChoose(second.trials, more) + logChoose(first.trials, hits - more) - logChoose(trials, hits),
    );
  }
  return Math.min(1, tail);
}

function logChoose(of: number, some: number): number {
  if (some < 0 || some > of) return Number.NEGATIVE_INFINITY;
  return jStat.gammaln(of + 1) - jStat.gammaln(some + 1) - jStat.gammaln(of - some + 1);
}
