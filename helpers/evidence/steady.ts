/** A rate that still grows by more than this, as a share, is not steady. */
const GROWTH = 0.05;

/** Runs of ab after which a server that still gets faster is given up. */
export const MOST_WARM_UP_RUNS = 6;

/** Whether a server has stopped getting faster: its last rate is hardly above the best one before. */
export function isSteady(rates: readonly number[]): boolean {
  const before = rates.slice(0, -1);
  const last = rates.at(-1);
  return last !== undefined && before.length > 0 && last <= Math.max(...before) * (1 + GROWTH);
}
