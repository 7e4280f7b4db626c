/**
 * Says what has changed between two runs: for people, and for a gate by its exit code.
 *
 *     npm run compare -- old/results.json new/results.json
 */
import { parseArgs, styleText } from 'node:util';
import { OneLineError } from '../helpers/config/one-line.ts';
import { whereTheUserStands } from '../helpers/engine/parts.ts';
import { compareResults, comparisonLines, gotWorse } from '../helpers/report/compare.ts';
import type { Direction } from '../helpers/report/compare-price.ts';
import { readResults } from '../helpers/report/read-results.ts';
import type { Results } from '../helpers/report/results.ts';
import { ResultsError } from '../helpers/report/results-schema.ts';

const USAGE = `Usage: npm run compare -- OLD/results.json NEW/results.json

Says what has changed from the old run to the new one: verdicts, cells, versions of parts, throughput,
requests lost and slowed, answers. Exit code 0: nothing got worse; 1: something did, or it could not be told;
2: the files could not be compared.`;

const colours = {
  worse: 'red',
  'could not tell': 'magenta',
  better: 'green',
  changed: 'yellow',
  'no clear change': 'dim',
} as const satisfies Record<Direction, string>;

/** What cannot be compared; the message is the one line to show. */
class CompareError extends OneLineError {}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CompareError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function main(args: string[]): Promise<number> {
  const { help, files } = read(args);
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const [oldFile, newFile] = files as [string, string];
  const before = await load(oldFile);
  const after = await load(newFile);
  if (before.times !== after.times) {
    throw new CompareError(
      `compare: ${oldFile} ran at ${before.times} times and ${newFile} at ${after.times} ones; give two runs at the same`,
    );
  }
  if (before.tests.length === 0) throw new CompareError(`compare: ${oldFile} has no cells to compare with`);
  const comparison = compareResults(before, after);
  console.log(`before  ${oldFile}, ${before.startedAt}, ${before.times} times`);
  console.log(`after   ${newFile}, ${after.startedAt}, ${after.times} times\n`);
  const coloured = (direction: Direction, text: string) => styleText(colours[direction], text);
  for (const line of comparisonLines(comparison, coloured)) console.log(line);
  return gotWorse(comparison) ? 1 : 0;
}

function read(args: string[]): { help: boolean; files: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { help: { type: 'boolean', short: 'h', default: false } },
      allowPositionals: true,
    });
    if (!values.help && positionals.length !== 2) throw new Error('two files are needed');
    return { help: values.help, files: positionals };
  } catch (error) {
    throw new CompareError(`compare: ${(error as Error).message}; see npm run compare -- --help`);
  }
}

async function load(file: string): Promise<Results> {
  try {
    return await readResults(file, whereTheUserStands());
  } catch (error) {
    if (!(error instanceof ResultsError)) throw error;
    throw new CompareError(`compare: ${error.message}; give the results.json of two runs of this release`);
  }
}
