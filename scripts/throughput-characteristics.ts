import { throughputPlan } from '../helpers/verdict/throughput-plan.ts';
import { recordedTriples } from '../tests/unit/fixtures/block-noise.ts';
import { kept, machines, promises, ratios, shown, wholeScatter } from '../tests/unit/throughput-promises.ts';
import { simulate } from '../tests/unit/throughput-simulation.ts';

// Prints how often the throughput verdict is right, by simulation. `npm run dev:simulate -- 20000`
const runs = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? 1);
const plan = throughputPlan();
const percent = (share: number) => `${(share * 100).toFixed(2)} %`;

console.log(`${runs} runs each, seed ${seed}; bounds are 95 % one-sided (Clopper–Pearson)\n`);
console.log(
  '| machine | whole scatter | true ratio | within | outside | inconclusive | vetoed | blocks | promises |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const [name, machine] of Object.entries(machines)) {
  for (const ratio of ratios) {
    const simulated = { ...machine, ratio };
    const it = simulate(simulated, recordedTriples, plan, { runs, seed });
    const said = promises(simulated, ratio).map((promise) => {
      const limit = promise.atMost === undefined ? `≥ ${promise.atLeast}` : `≤ ${promise.atMost}`;
      return `${promise.verdict} ${limit}: ${percent(shown(promise, it))} ${kept(promise, it) ? 'kept' : 'NOT KEPT'}`;
    });
    const rates = [it.within, it.outside, it.inconclusive, it.vetoed].map((count) => percent(count / runs));
    console.log(
      `| ${name} | ${wholeScatter(machine).toFixed(3)} | ${ratio} | ${rates.join(' | ')} | ${it.meanBlocks.toFixed(1)} | ${said.join('; ')} |`,
    );
  }
}
