import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Rates } from '../../helpers/evidence/throughput-block.ts';
import { type Role, roles } from '../../helpers/rows/load.ts';
import type { ThroughputTerms } from '../../helpers/rows/throughput-terms.ts';
import { blockOrders } from '../../helpers/traffic/block-order.ts';
import { normalQuantile } from '../../helpers/verdict/distributions.ts';
import { controlDoubt, judgeRates } from '../../helpers/verdict/throughput.ts';

/** A machine and two kinds of server, as the simulation makes them. */
export interface SimulatedRuns {
  /** The candidate's true throughput as a share of the baseline's. */
  readonly ratio: number;
  /** Standard deviation of one block's log ratio of candidate and one baseline. */
  readonly scatter: number;
  /** Standard deviation of the log ratio of two containers of one image. */
  readonly betweenContainers?: number;
  /** The share by which all rates have changed at the end of a run. */
  readonly drift?: number;
  /** The share of measurements that lose 10 to 30 %, on top of those that were recorded. */
  readonly outliers?: number;
}

export interface SimulatedVerdicts {
  readonly runs: number;
  readonly within: number;
  readonly outside: number;
  readonly inconclusive: number;
  /** Of those, the ones that the control forbade. */
  readonly forbidden: number;
}

/**
 * Simulates runs on recorded blocks and counts their verdicts; the same for the same seed. Blocks are resampled in
 * the order in which they were recorded, from a random one to the end of its run and then on from another, so that
 * what neighbours share is kept.
 */
export function simulate(
  machine: SimulatedRuns,
  recorded: readonly (readonly Rates[])[],
  terms: ThroughputTerms,
  { runs, seed }: { runs: number; seed: number },
): SimulatedVerdicts {
  const random = xoroshiro128plus(seed);
  const uniform = () => uniformFloat64(random);
  const normal = () => normalQuantile(uniform() || Number.MIN_VALUE);
  const pick = <T>(of: readonly T[]) => of[uniformInt(random, 0, of.length - 1)] as T;
  const noise = centredNoise(recorded, machine.scatter);
  // Every block may be the starting point, so longer runs are picked proportionally more often.
  const startingPoints = noise.flatMap((run) => run.map((_, index) => run.slice(index)));
  const container = (machine.betweenContainers ?? 0) / Math.SQRT2;
  const drift = Math.log(1 + (machine.drift ?? 0)) / (roles.length * terms.mostBlocks);
  const counts = { within: 0, outside: 0, inconclusive: 0, forbidden: 0 };
  for (let run = 0; run < runs; run++) {
    const offsets = fromRoles(
      (role) => container * normal() + (role === 'candidate' ? Math.log(machine.ratio) : 0),
    );
    const blocks: Rates[] = [];
    while (blocks.length < terms.mostBlocks) blocks.push(...pick(startingPoints));
    const orders = blockOrders(uniformInt(random, 0, 0x7fffffff), terms.mostBlocks);
    const rates = orders.map((order, index) =>
      fromRoles((role) => {
        const time = index * roles.length + order.indexOf(role);
        const slow = uniform() < (machine.outliers ?? 0) ? Math.log(1 - 0.1 - 0.2 * uniform()) : 0;
        return Math.exp(offsets[role] + (blocks[index] as Rates)[role] + drift * time + slow);
      }),
    );
    const { kind, estimate } = judgeRates(rates, terms);
    counts[kind]++;
    if (kind === 'inconclusive' && estimate && controlDoubt(estimate.control, terms)) counts.forbidden++;
  }
  return { runs, ...counts };
}

/**
 * Log rates of recorded runs, each server's mean of each run taken out, scaled so that the log ratio of candidate
 * and baseline has this standard deviation.
 */
function centredNoise(recorded: readonly (readonly Rates[])[], scatter: number): Rates[][] {
  const centred = recorded.map((blocks) => {
    const means = fromRoles((role) => mean(blocks.map((it) => Math.log(it[role]))));
    // Subtracting the mean of so few blocks shrinks the scatter. This factor corrects that.
    const grown = Math.sqrt(blocks.length / (blocks.length - 1));
    return blocks.map((it) => fromRoles((role) => (Math.log(it[role]) - means[role]) * grown));
  });
  const differences = centred
    .flat()
    .flatMap((it) => [it.candidate - it.baseline, it.candidate - it.baselineAgain]);
  const found = Math.sqrt(mean(differences.map((it) => it ** 2)));
  return centred.map((run) => run.map((it) => fromRoles((role) => (it[role] * scatter) / found)));
}

function fromRoles(value: (role: Role) => number): Record<Role, number> {
  return {
    baseline: value('baseline'),
    baselineAgain: value('baselineAgain'),
    candidate: value('candidate'),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
