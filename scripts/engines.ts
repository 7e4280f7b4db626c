/**
 * Executes the main table on each container engine of this machine, and says where the verdicts are as expected.
 *
 *     npm run dev:engines                       Docker's socket, Podman's, rootless ones, DOCKER_HOST
 *     npm run dev:engines -- -t prefork-1       only these rows
 *
 * Ends with exit code 1 if something is not as expected, or there is no engine.
 */
import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { type KnownEngine, knownEngines } from '../helpers/engine/known-engines.ts';
import { isRow } from '../helpers/record/record.ts';
import { ResultsError } from '../helpers/record/results-schema.ts';
import { REPORTS } from '../helpers/report/results/logs.ts';
import { readResults } from '../helpers/report/results/read-results.ts';
import { testsOf } from '../helpers/report/results/results.ts';
import { aligned } from '../helpers/report/text/aligned.ts';

const RESULTS = `${REPORTS}/results.json`;

/** How an engine did. */
interface EngineRun {
  readonly engine: KnownEngine;
  /** In a few words. */
  readonly verdicts: string;
  readonly seconds?: number;
  readonly good: boolean;
}

const runs: EngineRun[] = [];
for (const engine of await knownEngines()) runs.push(await runOn(engine));

const rows = runs.map(({ engine, verdicts, seconds }) => [
  engine.name ?? '?',
  engine.address,
  verdicts,
  seconds?.toFixed(0) ?? '',
]);
console.log(
  `\n${aligned([['engine', 'address', 'verdicts', 'seconds'], ...rows], (column) => column === 3).join('\n')}`,
);
if (runs.length === 0)
  console.error(
    'engines: no container engine on this machine answers, and DOCKER_HOST names none; start Docker or Podman',
  );
process.exitCode = runs.length > 0 && runs.every(({ good }) => good) ? 0 : 1;

async function runOn(engine: KnownEngine): Promise<EngineRun> {
  const { address, name, problem } = engine;
  if (name === undefined) return { engine, verdicts: `does not answer: ${problem}`, good: false };
  console.log(`\n${name} at ${address}`);
  const began = Date.now();
  // The results of an earlier run must not count.
  await rm(RESULTS, { force: true });
  const command = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'acceptance', 'heartbeat'];
  const { exitCode } = await execa('node', [...command, ...process.argv.slice(2)], {
    stdio: 'inherit',
    reject: false,
    env: { DOCKER_HOST: address, MPM_HEARTBEAT_ENGINE: 'existing' },
  });
  const seconds = (Date.now() - began) / 1000;
  const cells = await cellsOf(RESULTS);
  const asExpected = cells.filter(({ violations }) => violations.length === 0).length;
  const others = exitCode !== 0 && asExpected === cells.length ? '; something else failed' : '';
  return {
    engine,
    verdicts: `${asExpected} of ${cells.length} as expected${others}`,
    seconds,
    good: exitCode === 0 && asExpected === cells.length,
  };
}

async function cellsOf(file: string) {
  try {
    return testsOf(await readResults(file), isRow).map(({ cell }) => cell);
  } catch (error) {
    if (error instanceof ResultsError) return [];
    throw error;
  }
}
