/**
 * Says what has changed between two runs: for people, and for a gate by its exit code.
 *
 *     npm run compare -- old/results.json new/results.json
 *     npm run compare -- --markdown old/results.json new/results.json     for the page of a GitHub job
 */
import { parseArgs, styleText } from 'node:util';
import { OneLineError, printable } from '../helpers/config/one-line.ts';
import { userFolder } from '../helpers/config/part-files.ts';
import { compareResults, gotWorse, runComparisonLines } from '../helpers/report/comparison/run-comparison.ts';
import type { Direction } from '../helpers/report/comparison/transition.ts';
import { readResults } from '../helpers/report/results/read-results.ts';
import type { Results } from '../helpers/report/results/results.ts';
import { markdownBlock } from '../helpers/report/text/markdown.ts';

const USAGE = `Usage: npm run compare -- [--failed] [--markdown] OLD/results.json NEW/results.json

Says what has changed from the old run to the new one: whether it ended early, failed tests, verdicts, rows, versions
of parts, throughput, lost and slowed requests, answers. Rows are compared by their ids. Exit code 0: nothing got worse;
1: something did, or could not be judged; 2: the files could not be compared.

    --failed      the command of the new run failed; if its results do not say why, that counts as worse
    --markdown    for the page of a GitHub job`;

const colours = {
  worse: 'red',
  'could not tell': 'magenta',
  better: 'green',
  changed: 'yellow',
  'no clear change': 'dim',
} as const satisfies Record<Direction, string>;

const { help, failed, markdown, files } = read(process.argv.slice(2));
if (help) console.log(USAGE);
else process.exitCode = await main(files as [string, string]);

async function main([oldFile, newFile]: [string, string]): Promise<number> {
  try {
    const folder = userFolder();
    const [before, after] = [await readResults(oldFile, folder), await readResults(newFile, folder)];
    refuseUnlike({ file: oldFile, ...before }, { file: newFile, ...after });
    const comparison = compareResults(before, after, failed);
    print([
      `before  ${oldFile}, ${before.startedAt}, ${before.times} times`,
      `after   ${newFile}, ${after.startedAt}, ${after.times} times`,
      '',
      ...runComparisonLines(comparison, markdown ? undefined : coloured),
    ]);
    return gotWorse(comparison) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof OneLineError)) throw error;
    const why = `compare: ${error.message}`;
    if (markdown) print([why]);
    else console.error(why);
    return 2;
  }
}

function coloured(direction: Direction, text: string): string {
  return styleText(colours[direction], text);
}

/** The lines quote runs: as Markdown they are in a fence that nothing in them can close. */
function print(lines: readonly string[]): void {
  const shown = markdown ? ['', '### Compared with before', '', ...markdownBlock(lines)] : lines;
  for (const line of shown) console.log(line);
}

/** @throws OneLineError for runs that have nothing in common. */
function refuseUnlike(before: Results & { file: string }, after: Results & { file: string }): void {
  if (before.times !== after.times) {
    throw new OneLineError(
      `${before.file} ran at ${before.times} times and ${after.file} at ${after.times} times; give two runs with the same MPM_HEARTBEAT_TIMES`,
    );
  }
  if (before.tests.length === 0) {
    throw new OneLineError(`${before.file} has no rows to compare with`);
  }
}

function read(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        failed: { type: 'boolean', default: false },
        markdown: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    if (!values.help && positionals.length !== 2) throw new Error('two files are needed');
    return { ...values, files: positionals };
  } catch (error) {
    console.error(printable(`compare: ${(error as Error).message}; see npm run compare -- --help`));
    process.exit(2);
  }
}
