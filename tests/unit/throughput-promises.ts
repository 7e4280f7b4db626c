import { rateBounds } from '../../helpers/verdict/distributions.ts';
import type { SimulatedRuns, SimulatedVerdicts } from './throughput-simulation.ts';

/** A rate of the verdict that is promised, of runs that all have one true ratio. */
export interface Promised {
  readonly verdict: 'within' | 'outside' | 'inconclusive';
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Machines that the promises hold on. */
export const machines: Readonly<Record<string, Omit<SimulatedRuns, 'ratio'>>> = {
  'scatter 0.05': { scatter: 0.05 },
  'scatter 0.06': { scatter: 0.06 },
  'scatter 0.06, drift of −20 %': { scatter: 0.06, drift: -0.2 },
  'scatter 0.06, 1 in 100 slow as well': { scatter: 0.06, outliers: 0.01 },
  'scatter 0.05, 1 % between containers': { scatter: 0.05, betweenContainers: 0.01 },
  'scatter 0.06, 1 % between containers': { scatter: 0.06, betweenContainers: 0.01 },
  'scatter 0.05, all of these': { scatter: 0.05, betweenContainers: 0.01, drift: -0.2, outliers: 0.01 },
  'scatter 0.06, all of these': { scatter: 0.06, betweenContainers: 0.01, drift: -0.2, outliers: 0.01 },
  'scatter 0.12, doubled': { scatter: 0.12 },
  'scatter 0.12, all of these': { scatter: 0.12, betweenContainers: 0.01, drift: -0.2, outliers: 0.01 },
};

export const ratios = [1, 0.9, 0.85] as const;

/**
 * What is promised of a machine at a true ratio: on any machine that a wrong verdict is rare, and that
 * there is a verdict while one block's log ratio, slow measurements included, scatters by 0.06 at most.
 */
export function promises(machine: SimulatedRuns, ratio: number): Promised[] {
  const { scatter, betweenContainers = 0 } = machine;
  if (ratio === 1) {
    return [
      { verdict: 'outside', atMost: 0.01 },
      ...(scatter <= 0.06 ? [{ verdict: 'inconclusive', atMost: 0.05 } as const] : []),
    ];
  }
  if (ratio === 0.9) return [{ verdict: 'within', atMost: betweenContainers > 0 ? 0.1 : 0.06 }];
  return [
    { verdict: 'within', atMost: 0.01 },
    ...(wholeScatter(machine) <= 0.06 ? [{ verdict: 'outside', atLeast: 0.9 } as const] : []),
  ];
}

/** Standard deviation of one block's log ratio with the slow measurements that are added to the triples. */
export function wholeScatter({ scatter, outliers = 0 }: Omit<SimulatedRuns, 'ratio'>): number {
  return Math.sqrt(scatter ** 2 + 2 * outliers * SLOW_SQUARE);
}

/** Mean of the squared log of a rate that has lost 10 to 30 %, all of it equally likely. */
const SLOW_SQUARE = 0.053;

/** The bound of the rate, 95 % one-sided, that is to be held against the promise. */
export function shown({ verdict, atMost }: Promised, verdicts: SimulatedVerdicts): number {
  const { low, high } = rateBounds(verdicts[verdict], verdicts.runs);
  return atMost === undefined ? low : high;
}

/** Whether the simulation shows that a promise is kept. */
export function kept(promise: Promised, verdicts: SimulatedVerdicts): boolean {
  const bound = shown(promise, verdicts);
  return promise.atMost === undefined ? bound >= (promise.atLeast ?? 0) : bound <= promise.atMost;
}
