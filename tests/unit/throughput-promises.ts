import { readFileSync } from 'node:fs';
import { defaultTerms, type ThroughputTerms } from '../../helpers/rows/throughput-terms.ts';
import { rateBounds } from '../../helpers/verdict/distributions.ts';
import type { SimulatedRuns, SimulatedVerdicts } from './throughput-simulation.ts';

const gate = readFileSync(new URL('../../.ci/run', import.meta.url), 'utf8');

/** Every plan that the suite measures by. */
export const plans: Readonly<Record<string, ThroughputTerms>> = {
  'npm test': defaultTerms,
  '.ci/run': { ...defaultTerms, mostBlocks: Number(/MPM_HEARTBEAT_BLOCKS=(\d+)/.exec(gate)?.[1]) },
};

type Machine = Omit<SimulatedRuns, 'ratio'>;

const scatters = [0.05, 0.06, 0.08, 0.12];
const containers = [0, 0.01, 0.02, 0.03];
const atItsWorst = { drift: -0.2, outliers: 0.01 };

/** Machines that the promises hold on. */
export const machines: Readonly<Record<string, Machine>> = Object.fromEntries<Machine>([
  ...scatters.flatMap((scatter) =>
    containers.map((betweenContainers): [string, Machine] => [
      `scatter ${scatter}, ${betweenContainers * 100} % between containers`,
      { scatter, betweenContainers },
    ]),
  ),
  ['scatter 0.06, drift of −20 %, 1 in 100 slow', { scatter: 0.06, ...atItsWorst }],
  [
    'scatter 0.06, 3 % between containers, drift of −20 %, 1 in 100 slow',
    { scatter: 0.06, betweenContainers: 0.03, ...atItsWorst },
  ],
]);

/** Event's throughput was about 1.08 of prefork's; 0.9 is just tolerated. */
export const ratios = [1.08, 1, 0.9, 0.8] as const;

/** The promised share of one verdict among runs with the same true ratio. */
export interface Promised {
  readonly verdict: 'within' | 'outside';
  readonly atMost?: number;
  readonly atLeast?: number;
}

/**
 * The promised shares of verdicts at a true ratio. On any machine at most 1 % of the runs have the wrong conclusion. At
 * 0.9, the tolerance itself, at most 5 % have each conclusion. On a quiet machine at least 95 % of the runs have the right
 * conclusion, or 90 % at a ratio of 1.
 */
export function promises({ scatter, betweenContainers = 0, outliers }: Machine, ratio: number): Promised[] {
  const isQuiet = scatter <= 0.06 && betweenContainers <= 0.01 && !outliers;
  const wrong = { atMost: 0.05 };
  if (ratio === 0.9) {
    return [
      { verdict: 'within', ...wrong },
      { verdict: 'outside', ...wrong },
    ];
  }
  const right = ratio > 0.9 ? 'within' : 'outside';
  return [
    { verdict: right === 'within' ? 'outside' : 'within', atMost: 0.01 },
    ...(isQuiet ? [{ verdict: right, atLeast: ratio === 1 ? 0.9 : 0.95 } as const] : []),
  ];
}

/** The bound of the share, 95 % one-sided, that is to be compared with the promise. */
export function shown({ verdict, atMost }: Promised, verdicts: SimulatedVerdicts): number {
  const { low, high } = rateBounds(verdicts[verdict], verdicts.runs);
  return atMost === undefined ? low : high;
}

/** Whether the simulation shows that a promise is kept. */
export function kept(promise: Promised, verdicts: SimulatedVerdicts): boolean {
  const bound = shown(promise, verdicts);
  return promise.atMost === undefined ? bound >= (promise.atLeast ?? 0) : bound <= promise.atMost;
}
