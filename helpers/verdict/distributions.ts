import library from 'jstat';

const { jStat } = library;

/** The probability that a standard normal variable is at most `z`. */
export function normalCdf(z: number): number {
  return jStat.normal.cdf(z, 0, 1);
}

/** The value below which a standard normal variable stays with this probability. */
export function normalQuantile(probability: number): number {
  return jStat.normal.inv(probability, 0, 1);
}

/** The value below which Student's t stays with this probability. */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(probability, degreesOfFreedom);
}

/**
 * Bounds of a rate of which `hits` were seen in `trials`, each one-sided at this confidence.
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
