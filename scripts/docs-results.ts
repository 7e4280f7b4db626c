/**
 * Makes the tables of pages in docs/ from docs/results.json, a real run's results.
 *
 *     npm run dev:results -- reports/results.json     takes a new run's results as docs/results.json, too
 *     npm run dev:results -- --check                  exit code 1 if the pages, docs/results.json and the rows in
 *                                                     tests/table disagree
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { lookUpParts } from '../helpers/config/part-files.ts';
import { isRow } from '../helpers/record/record.ts';
import { ResultsError } from '../helpers/record/results-schema.ts';
import { disagreements } from '../helpers/report/agreement-with-stub.ts';
import { readResults } from '../helpers/report/read-results.ts';
import { type Results, stateWords, testsOf } from '../helpers/report/results.ts';
import { faultPage, servicePage, stubPage } from '../helpers/report/rows-markdown.ts';
import { withoutEvidence } from '../helpers/report/without-evidence.ts';
import { WriteError, writeWhole } from '../helpers/report/write-whole.ts';
import { titleOf, trafficRow } from '../helpers/rows/row.ts';
import { times } from '../helpers/rows/traffic.ts';
import { table } from '../tests/table/index.ts';

// npm runs it in the project's folder.
const KEPT = 'docs/results.json';
/** Each page with a table of its own. */
const pages = {
  'docs/results.md': stubPage,
  'docs/services.md': servicePage,
  'docs/outages.md': faultPage,
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
  const results = from === undefined ? await readResults(KEPT) : withoutEvidence(await readResults(from));
  const made = await pagesWith(results);
  if (from !== undefined) await writeWhole(KEPT, `${JSON.stringify(results)}\n`);
  for (const { path, made: page } of made) await writeWhole(path, page);
}

async function check(): Promise<void> {
  const results = await readResults(KEPT);
  const stale = (await pagesWith(results)).filter(({ page, made }) => made !== page);
  const complaints = [
    ...stale.map(({ path }) => `${path} shows another table than ${KEPT} gives`),
    ...[...differences(results), ...disagreements(results), ...failed(results)].map(
      (line) => `${KEPT}: ${line}`,
    ),
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

/** Where the rows of tests/table and the records of the file differ, and what contradicts a row. */
function differences(results: Results): string[] {
  const { 'table-debian-testing': _, throughput: __, ...kept } = table;
  const rows = Object.values(kept).flatMap((groups) => groups.flatMap((group) => group.rows));
  const planned = rows.map((row) => trafficRow(row, { times: times.compressed }, lookUpParts));
  const titles = new Map(planned.map((row) => [row.id, titleOf(row)]));
  const cells = testsOf(results, isRow).map(({ cell }) => cell);
  const executed = new Set(cells.map(({ id }) => id));
  return [
    ...[...titles.keys()]
      .filter((id) => !executed.has(id))
      .map((id) => `row ${id} of tests/table is missing`),
    ...cells.flatMap((cell) => {
      const title = titles.get(cell.id);
      if (title === undefined) return [`tests/table has no row ${cell.id}`];
      return title === titleOf(cell)
        ? []
        : [`${cell.id} was executed as “${titleOf(cell)}”, and tests/table has “${title}”`];
    }),
    ...cells.flatMap(({ id, violations }) => violations.map((line) => `${id}: ${line}`)),
  ];
}

/** What made the run fail, a line for each. */
function failed({ endedEarly, failures = [], tests }: Results): string[] {
  return [
    ...(endedEarly === undefined ? [] : [endedEarly]),
    ...[...failures, ...tests]
      .filter(({ state }) => state !== 'passed' && state !== 'informational')
      .map((test) => `${test.name}: ${stateWords(test)}`),
  ];
}
