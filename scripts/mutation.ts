/**
 * The mutation check: with the MPMs of the table swapped, every row whose expectation differs from
 * that of the deployment it now gets must go red, by its verdict, and every other row must stay
 * green. Ends with exit code 1 if not.
 */
import { readFile, rm } from 'node:fs/promises';
import { execa } from 'execa';
import { parseResults } from '../helpers/report/results-schema.ts';

const RESULTS = 'reports/mutation/results.json';
// What an earlier check left must not be judged.
await rm(RESULTS, { force: true });
const { exitCode } = await execa(
  'npx',
  ['vitest', 'run', '--config', 'tests/mutation/vitest.config.ts', 'heartbeat'],
  {
    stdio: 'inherit',
    reject: false,
  },
);
const { tests } = parseResults(await readFile(RESULTS, 'utf8'));

const natural = {
  prefork8: 'reproduced',
  prefork1: 'clean',
  event1x25: 'clean',
  event8x25: 'silent',
} as const;
const rows = tests.flatMap(({ name, state, cell }) => {
  if (cell.kind !== 'heartbeat') return [];
  const { mpm, processes, threads } = cell.deployment;
  const served = `${mpm}${mpm === 'prefork' ? processes : `${processes}x${threads}`}` as keyof typeof natural;
  const shouldBe = cell.expected.includes(natural[served]) ? 'passed' : 'failed';
  const caught = state === shouldBe && cell.verdict.kind === natural[served];
  return [
    { name, expected: cell.expected.join(' or '), verdict: cell.verdict.kind, state, shouldBe, caught },
  ];
});

console.log('\nWith the MPMs swapped');
console.table(rows);
const wrong = rows.filter(({ caught }) => !caught);
const differing = rows.filter(({ shouldBe }) => shouldBe === 'failed').length;
if (rows.length !== 8 || wrong.length > 0 || differing !== 4 || exitCode !== 1) {
  console.log(`mutation: ${wrong.length} of ${rows.length} rows are not as they must be`);
  process.exitCode = 1;
}
console.log(`mutation: ${rows.length - wrong.length} passed, ${wrong.length} failed`);
