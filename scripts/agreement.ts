/**
 * Compares what `npm run diagnose` says of each cell's two logs with what the suite found, and writes the table of
 * agreement into docs/diagnose.md. Exit code 1 if anything is wrong.
 *
 *     MPM_HEARTBEAT_LOGS=all npm run table
 *     npm run dev:agreement -- reports
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diagnose } from '../helpers/diagnosis/diagnosis.ts';
import { Histories } from '../helpers/diagnosis/history/histories.ts';
import { logFiles } from '../helpers/logs/log-files.ts';
import { isRow } from '../helpers/record/record.ts';
import { ResultsError } from '../helpers/record/results-schema.ts';
import {
  agreementMarkdown,
  type Compared,
  comparedWithLogs,
  type EvidentRow,
  notRight,
  userOf,
} from '../helpers/report/diagnosis/agreement-with-logs.ts';
import { readLogs } from '../helpers/report/diagnosis/read-logs.ts';
import { operatorFolder, operatorLogs, REPORTS } from '../helpers/report/results/logs.ts';
import { readResults } from '../helpers/report/results/read-results.ts';
import { testsOf } from '../helpers/report/results/results.ts';
import { writeWhole } from '../helpers/report/results/write-whole.ts';
import { withGenerated } from '../helpers/report/text/generated-part.ts';
import { runCommand } from './run-command.ts';

const PAGE = 'docs/diagnose.md';
const MARKS = { begin: '<!-- the table, made by npm run dev:agreement -->\n', end: '<!-- end -->\n' };
/** The containers' logs are in UTC. */
const ZONE_MS = 0;

const [, , reports = REPORTS] = process.argv;
await runCommand(main);

async function main(): Promise<void> {
  const results = await readResults(join(reports, 'results.json'));
  const rows = testsOf(results, isRow).flatMap(({ cell }) =>
    cell.evidence ? [{ ...cell, evidence: cell.evidence }] : [],
  );
  const all: Compared[] = [];
  const skipped: string[] = [];
  for (const row of rows) {
    const compared = await comparedRow(row);
    if (typeof compared === 'string') skipped.push(`${row.id}: ${compared}`);
    else all.push(...compared);
  }
  for (const line of skipped) console.error(line);
  if (all.length === 0) {
    throw new ResultsError(`${reports} has no cell with both logs; execute it with MPM_HEARTBEAT_LOGS=all`);
  }
  const lines = agreementMarkdown(all);
  for (const line of [...lines, '', ...notRight(all)]) console.log(line);
  await writeWhole(PAGE, withGenerated(PAGE, await readFile(PAGE, 'utf8'), MARKS, lines));
  if (all.some(({ answer }) => answer === 'wrong')) process.exitCode = 1;
}

/** @returns why the row is left out, if it is. */
async function comparedRow(row: EvidentRow): Promise<Compared[] | string> {
  const folder = operatorFolder(row, reports);
  const paths = operatorLogs.map((file) => join(folder, file));
  const broker = await readFile(join(folder, 'broker.log'), 'utf8').catch(() => undefined);
  if (broker === undefined) return 'its logs were not kept';
  const user = userOf(row.evidence, broker.split('\n'));
  if (user === undefined) return 'no connection of its evidence is in its logs';
  const histories = new Histories(ZONE_MS);
  await readLogs(await logFiles(paths, Date.now()), histories);
  return comparedWithLogs(row, diagnose(histories), user);
}
