/**
 * Makes the tables of pages in docs/ from docs/results.json, a real run's results.
 *
 *     npm run dev:results -- reports/results.json     takes a new run's results as docs/results.json, too
 *     npm run dev:results -- --check                  exit code 1 where the page, docs/results.json and the
 *                                                rows in tests/table disagree
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { times } from '../helpers/config/scenario.ts';
import * as besideTheStub from '../helpers/report/beside-the-stub.ts';
import { readResults } from '../helpers/report/read-results.ts';
import { type Results, stateWords, testsOf } from '../helpers/report/results.ts';
import { ResultsError } from '../helpers/report/results-schema.ts';
import { slim } from '../helpers/report/slim.ts';
import {
  disturbancesMarkdown,
  servicesMarkdown,
  stubsMarkdown,
} from '../helpers/report/truth-table-markdown.ts';
import { WriteError, writeWhole } from '../helpers/report/write-whole.ts';
import { objections } from '../helpers/verdict/expectation.ts';
import { rowOf, rowTitle } from '../helpers/verdict/row.ts';
import { truthTable } from '../tests/table/index.ts';

// npm runs it in the project's folder.
const KEPT = 'docs/results.json';
/** Each page with a table of its own. */
const pages = {
  'docs/results.md': stubsMarkdown,
  'docs/services.md': servicesMarkdown,
  'docs/outages.md': disturbancesMarkdown,
};
const [BEGIN, END] = ['<!-- the table, made by npm run dev:results -->\n', '<!-- end -->\n'];

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean' } },
  allowPositionals: true,
});
try {
  await (values.check ? check() : write(positionals[0]));
} catch (error) {
  if (!(error instanceof ResultsError || error instanceof WriteError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function write(from: string | undefined): Promise<void> {
  const results = from === undefined ? await readResults(KEPT) : slim(await readResults(from));
  const made = await pagesWith(results);
  if (from !== undefined) await writeWhole(KEPT, `${JSON.stringify(results)}\n`);
  for (const { path, made: page } of made) await writeWhole(path, page);
}

async function check(): Promise<void> {
  const results = await readResults(KEPT);
  const stale = (await pagesWith(results)).filter(({ page, made }) => made !== page);
  const complaints = [
    ...stale.map(({ path }) => `${path} shows another table than ${KEPT} gives`),
    ...disagreements(results),
  ];
  if (complaints.length > 0) complain(complaints);
}

function complain(complaints: readonly string[]): void {
  for (const complaint of complaints) console.error(complaint);
  console.error('run "npm run table", then "npm run dev:results -- reports/results.json"');
  process.exitCode = 1;
}

/** Each page as it is, and as these results make it. */
function pagesWith(results: Results): Promise<{ path: string; page: string; made: string }[]> {
  return Promise.all(
    Object.entries(pages).map(async ([path, tableOf]) => {
      const page = await readFile(path, 'utf8');
      const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
      if (from === -1 || to < from) {
        throw new ResultsError(`${path} lacks the lines ${BEGIN.trim()} and ${END.trim()}`);
      }
      const made = `${page.slice(0, from + BEGIN.length)}\n${tableOf(results).join('\n')}\n\n${page.slice(to)}`;
      return { path, page, made };
    }),
  );
}

/** Where the rows of the code and the cells of the file are not the same, or a cell is not as its row expects. */
function disagreements(results: Results): string[] {
  const rows = truthTable.flatMap((part) => part.rows).map((row) => rowTitle(rowOf(row, times.compressed)));
  const cells = testsOf(results, 'heartbeat').map(({ cell }) => cell);
  const titles = cells.map(rowTitle);
  return [
    ...rows.filter((row) => !titles.includes(row)).map((row) => `${KEPT} has no cell “${row}”`),
    ...titles.filter((title) => !rows.includes(title)).map((title) => `tests/table has no row “${title}”`),
    ...cells.flatMap((cell) => objections(cell).map((it) => `${KEPT}: ${rowTitle(cell)}: ${it}`)),
    ...besideTheStub.disagreements(results).map((it) => `${KEPT}: ${it}`),
    ...failed(results).map((it) => `${KEPT}: ${it}`),
  ];
}

/** What made the run fail, a line each. */
function failed({ endedEarly, failures = [], tests }: Results): string[] {
  return [
    ...(endedEarly === undefined ? [] : [endedEarly]),
    ...[...failures, ...tests]
      .filter(({ state }) => state !== 'passed' && state !== 'reported')
      .map((it) => `${it.name}: ${stateWords(it)}`),
  ];
}
