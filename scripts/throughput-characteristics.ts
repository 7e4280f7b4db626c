import {
  betweenContainers,
  equalPairs,
  neighbourCorrelation,
  recordedRuns,
} from '../tests/unit/fixtures/block-noise.ts';
import { kept, machines, plans, promises, ratios } from '../tests/unit/fixtures/throughput-promises.ts';
import { simulate } from '../tests/unit/fixtures/throughput-simulation.ts';

// Prints how often the throughput verdict is right, by simulation. `npm run dev:simulate -- 20000`
const runs = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? 1);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

const { F, within, bound } = betweenContainers();
console.log(
  `${equalPairs.length} recorded blocks of ${recordedRuns.length} runs: two equal servers scatter by ${within.toFixed(3)} within a run, neighbouring blocks correlate by ${neighbourCorrelation().toFixed(2)}.`,
);
console.log(
  `Between containers: F = ${F.toFixed(2)} (1: no difference seen), at most ${percent(bound)} with 95 % confidence.`,
);

for (const [name, terms] of Object.entries(plans)) {
  console.log(`\n${name}: ${terms.mostBlocks} blocks; ${runs} runs for each figure, seed ${seed}\n`);
  const heads = ratios.map((ratio) => `${ratio}: within, outside, inconclusive (by the control)`);
  console.log(`| machine | ${heads.join(' | ')} | promises |`);
  console.log(`|---|${ratios.map(() => '---|').join('')}---|`);
  for (const [machineName, machine] of Object.entries(machines)) {
    const cells: string[] = [];
    let broken = 0;
    for (const ratio of ratios) {
      const found = simulate({ ...machine, ratio }, recordedRuns, terms, { runs, seed });
      broken += promises(machine, ratio).filter((promise) => !kept(promise, found)).length;
      const shares = [found.within, found.outside, found.inconclusive].map((count) => percent(count / runs));
      cells.push(`${shares.join(', ')} (${percent(found.forbidden / runs)})`);
    }
    console.log(
      `| ${machineName} | ${cells.join(' | ')} | ${broken === 0 ? 'kept' : `${broken} NOT KEPT`} |`,
    );
  }
}
