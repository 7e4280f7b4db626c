import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Role, roles } from '../../helpers/config/load.ts';
import type { Rates } from '../../helpers/evidence/throughput-block.ts';
import { blockOrders } from '../../helpers/traffic/block-order.ts';
import { normalQuantile } from '../../helpers/verdict/distributions.ts';
import { judgeRates } from '../../helpers/verdict/throughput.ts';
import type { ThroughputPlan } from '../../helpers/verdict/throughput-plan.ts';

/** A machine and two kinds of server, as the simulation makes them. */
export interface SimulatedRuns {
  /** The candidate's true throughput as a share of the baseline's. */
  readonly ratio: number;
  /** Standard deviation of one block's log ratio of candidate and one baseline, with all that is in the triples. */
  readonly scatter: number;
  /** Standard deviation of the log ratio of two containers of one image. */
  readonly betweenContainers?: number;
  /** The share by which all rates have changed at the end of the longest run. */
  readonly drift?: number;
  /** The share of measurements that lose 10 to 30 %, on top of those in the triples. */
  readonly outliers?: number;
}

export interface SimulatedVerdicts {
  readonly runs: number;
  readonly within: number;
  readonly outside: number;
  readonly inconclusive: number;
  /** Of those, the ones that the control forbade. */
  readonly vetoed: number;
  /** Blocks of a run, on average. */
  readonly meanBlocks: number;
}

/** Plays runs on resampled triples and counts their verdicts; the same for the same seed. */
export function simulate(
  machine: SimulatedRuns,
  triples: readonly Rates[],
  plan: ThroughputPlan,
  { runs, seed }: { runs: number; seed: number },
): SimulatedVerdicts {
  const random = xoroshiro128plus(seed);
  const uniform = () => uniformFloat64(random);
  const normal = () => normalQuantile(uniform() || Number.MIN_VALUE);
  const noise = centredNoise(triples, machine.scatter);
  const container = (machine.betweenContainers ?? 0) / Math.SQRT2;
  const drift = Math.log(1 + (machine.drift ?? 0)) / (roles.length * plan.mostBlocks);
  const counts = { within: 0, outside: 0, inconclusive: 0, vetoed: 0, blocks: 0 };
  for (let run = 0; run < runs; run++) {
    const offsets = {
      baseline: container * normal(),
      baselineAgain: container * normal(),
      candidate: container * normal() + Math.log(machine.ratio),
    };
    const orders = blockOrders(uniformInt(random, 0, 0x7fffffff), plan.mostBlocks);
    const rates: Rates[] = [];
    for (const order of orders) {
      const block = noise[uniformInt(random, 0, noise.length - 1)] as Rates;
      const rate = (role: Role) => {
        const time = rates.length * roles.length + order.indexOf(role);
        const slow = uniform() < (machine.outliers ?? 0) ? Math.log(1 - 0.1 - 0.2 * uniform()) : 0;
        return Math.exp(offsets[role] + block[role] + drift * time + slow);
      };
      rates.push({
        baseline: rate('baseline'),
        baselineAgain: rate('baselineAgain'),
        candidate: rate('candidate'),
      });
      if (!plan.looks[rates.length]) continue;
      const step = judgeRates(rates, plan);
      if (step.kind === 'another block') continue;
      counts[step.kind]++;
      if (step.kind === 'inconclusive' && !step.reason.includes('could not tell')) counts.vetoed++;
      break;
    }
    counts.blocks += rates.length;
  }
  const { blocks, ...verdicts } = counts;
  return { runs, ...verdicts, meanBlocks: blocks / runs };
}

/**
 * Log rates of the triples, each server's mean taken out, scaled so that the log ratio of candidate
 * and baseline has this standard deviation.
 */
function centredNoise(triples: readonly Rates[], scatter: number): Rates[] {
  const logs = triples.map((it) => fromRoles((role) => Math.log(it[role])));
  const means = fromRoles((role) => mean(logs.map((it) => it[role])));
  const centred = logs.map((it) => fromRoles((role) => it[role] - means[role]));
  const differences = centred.flatMap((it) => [it.candidate - it.baseline, it.candidate - it.baselineAgain]);
  const found = Math.sqrt(mean(differences.map((it) => it ** 2)));
  return centred.map((it) => fromRoles((role) => (it[role] * scatter) / found));
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
