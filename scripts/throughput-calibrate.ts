/**
 * Shows how often the throughput verdict is right on servers whose true ratio is known: prefork
 * against prefork, and against prefork slowed to 0.8. Ends with exit code 1 if a promise is broken.
 *
 *     npm run dev:calibrate -- 10                the table of ten and ten runs
 *     npm run dev:calibrate -- 5 --busy          beside two busy loops
 *     npm run dev:calibrate -- 10 --record       and keep the blocks for the simulation
 */
import { readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { ratesOf } from '../helpers/evidence/throughput-block.ts';
import { isThroughput } from '../helpers/record/record.ts';
import { parseResults } from '../helpers/record/results-schema.ts';
import { estimateIn } from '../helpers/report/text/throughput-table.ts';
import { SLOWED_SHARE } from '../tests/calibration/slowed-prefork.ts';

const RESULTS = 'reports/calibration/results.json';
const RECORDED = new URL('../tests/unit/fixtures/recorded-blocks.json', import.meta.url);
const BUSY_LOOPS = 2;
/** The share of runs at each true ratio that may be inconclusive on a quiet machine. None may have a wrong verdict. */
const MOST_INCONCLUSIVE = 0.2;

const arguments_ = process.argv.slice(2);
const runs = Number(arguments_.find((argument) => /^\d+$/.test(argument)) ?? 10);
const busy = arguments_.includes('--busy');

const loops = Array.from({ length: busy ? BUSY_LOOPS : 0 }, () =>
  execa('sh', ['-c', 'while :; do :; done'], { reject: false }),
);
await execa('npx', ['vitest', 'run', '--config', 'tests/calibration/vitest.config.ts'], {
  stdio: 'inherit',
  reject: false,
  env: { CALIBRATION_RUNS: String(runs) },
});
for (const loop of loops) loop.kill('SIGKILL');

const { tests } = parseResults(await readFile(RESULTS, 'utf8'));
const cells = tests.flatMap(({ name, milliseconds, cell }) =>
  isThroughput(cell) ? [{ name, milliseconds, cell, expected: cell.expect.verdict?.[0] }] : [],
);
const rows = cells.map(({ name, milliseconds, cell: { verdict }, expected }) => {
  const estimate = estimateIn(verdict);
  const number = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '';
  return {
    run: name.split(' > ').at(-1) ?? name,
    expected,
    verdict: verdict.kind,
    ratio: number(estimate?.ratio, 3),
    from: number(estimate?.interval?.low, 3),
    to: number(estimate?.interval?.high, 3),
    blocks: estimate?.blocks ?? 0,
    scatter: number(estimate?.scatter, 3),
    'A/A': number(estimate?.control.ratio, 3),
    'A/A scatter': number(estimate?.control.scatter, 3),
    seconds: (milliseconds / 1000).toFixed(0),
  };
});
console.log(`\n${busy ? 'Beside two busy loops' : 'On a machine with nothing else to do'}`);
console.table(rows);

let broken = 0;
for (const expected of ['within', 'outside'] as const) {
  const of = rows.filter((row) => row.expected === expected);
  const count = (kind: string) => of.filter(({ verdict }) => verdict === kind).length;
  const wrong = of.length - count(expected) - count('inconclusive');
  const truth = `true ratio ${expected === 'within' ? 1 : SLOWED_SHARE}`;
  console.log(
    `${truth}: within ${count('within')}, outside ${count('outside')}, inconclusive ${count('inconclusive')}`,
  );
  if (of.length < runs || wrong > 0) broken++;
  if (!busy && count('inconclusive') > MOST_INCONCLUSIVE * of.length) broken++;
}
for (const { name, cell } of cells) {
  if (cell.verdict.kind === 'inconclusive') console.log(`${name}: ${cell.verdict.reason}`);
}
if (arguments_.includes('--record')) {
  const kept = cells.flatMap(({ cell: { throughput }, expected }) => {
    const blocks = throughput?.blocks.flatMap((block) => ratesOf(block) ?? []) ?? [];
    return blocks.length > 1 ? [{ trueRatio: expected === 'within' ? 1 : SLOWED_SHARE, blocks }] : [];
  });
  await writeFile(RECORDED, `${JSON.stringify(kept, null, 1)}\n`);
}
console.log(`calibration: ${broken === 0 ? 'promises kept' : `${broken} promises broken`}`);
process.exitCode = broken === 0 ? 0 : 1;
