/** The share by which a steady rate may exceed the highest rate before it, or be below the lowest. */
const CHANGE = 0.05;

/** Runs of ab after which the warm-up ends even if the rate has not settled. */
export const MOST_WARM_UP_RUNS = 8;

/** Whether a server's rate has settled: the last rate is hardly above the highest before it, nor below the lowest. */
export function isSteady(rates: readonly number[]): boolean {
  const before = rates.slice(0, -1);
  const last = rates.at(-1);
  if (last === undefined || before.length === 0) return false;
  return last <= Math.max(...before) * (1 + CHANGE) && last >= Math.min(...before) * (1 - CHANGE);
}
