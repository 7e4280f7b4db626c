/**
 * Makes the tables of pages in docs/ from the results of real runs that docs/ keeps.
 *
 *     npm run dev:results -- reports/results.json     keeps a new run's results, too: repeated rows in
 *                                                     docs/repeats.json, rows at production times in
 *                                                     docs/production.json, rows of table-mechanism in
 *                                                     docs/mechanism.json, all others in docs/results.json
 *     npm run dev:results -- --check                  exit code 1 if the pages, docs/results.json and the rows in
 *                                                     tests/table disagree
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { lookUpParts } from '../helpers/config/part-files.ts';
import { isRow } from '../helpers/record/record.ts';
import { type KeptRepeats, parseKeptRepeats } from '../helpers/record/repeats.ts';
import { readResults } from '../helpers/report/results/read-results.ts';
import { type Results, stateWords, type TestResult, testsOf } from '../helpers/report/results/results.ts';
import { withoutEvidence } from '../helpers/report/results/without-evidence.ts';
import { writeWhole } from '../helpers/report/results/write-whole.ts';
import { disagreements } from '../helpers/report/text/agreement-with-stub.ts';
import { withGenerated } from '../helpers/report/text/generated-part.ts';
import { repeatsPage, withRepeats } from '../helpers/report/text/repeats-table.ts';
import {
  faultPage,
  mechanismPage,
  productionPage,
  servicePage,
  stubPage,
} from '../helpers/report/text/rows-markdown.ts';
import { type RowGroup, titleOf, trafficRow } from '../helpers/rows/row.ts';
import { times } from '../helpers/rows/traffic.ts';
import { table } from '../tests/table/index.ts';
import { runCommand } from './run-command.ts';

// npm runs it in the project's folder.
const KEPT = 'docs/results.json';
const MECHANISM = 'docs/mechanism.json';
const PRODUCTION = 'docs/production.json';
const REPEATS = 'docs/repeats.json';
/** Each page with a table of its own, and how it is made. */
const pages: Readonly<Record<string, (kept: Kept) => string[]>> = {
  'docs/results.md': ({ whole }) => stubPage(whole),
  'docs/services.md': ({ whole }) => servicePage(whole),
  'docs/outages.md': ({ whole }) => faultPage(whole),
  'docs/mechanism.md': ({ mechanism }) => mechanismPage(mechanism),
  'docs/production.md': ({ production }) => productionPage(production),
  'docs/repeats.md': ({ repeats }) => repeatsPage(repeats),
};
/** The rows that have a page, and a file of results, of their own. */
const ofMechanism: readonly RowGroup[] = table['table-mechanism'];
const MARKS = { begin: '<!-- the table, made by npm run dev:results -->\n', end: '<!-- end -->\n' };

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean' } },
  allowPositionals: true,
});
await runCommand(() => (values.check ? check() : write(positionals[0])));

/** The results that docs/ keeps. */
interface Kept {
  readonly whole: Results;
  readonly mechanism: Results;
  readonly production: Results;
  readonly repeats: KeptRepeats;
}

async function readKept(): Promise<Kept> {
  const read = async (file: string) => withTodaysWords(await readResults(file));
  return {
    whole: await read(KEPT),
    mechanism: await read(MECHANISM),
    production: await read(PRODUCTION),
    repeats: await readRepeats(),
  };
}

async function readRepeats(): Promise<KeptRepeats> {
  return parseKeptRepeats(await readFile(REPEATS, 'utf8'));
}

async function write(from: string | undefined): Promise<void> {
  if (from !== undefined) await keep(await readResults(from));
  for (const { path, made } of await pagesWith(await readKept())) await writeWhole(path, made);
}

async function keep(results: Results): Promise<void> {
  if (results.repeated) {
    const repeats = withRepeats(await readRepeats(), results);
    return writeWhole(REPEATS, `${JSON.stringify(repeats, null, 2)}\n`);
  }
  const kept = withoutEvidence(results);
  if (kept.times === 'production') return keepTests(PRODUCTION, kept, () => true);
  await keepTests(MECHANISM, kept, isOfMechanism);
  await keepTests(KEPT, kept, (test) => !isOfMechanism(test));
}

/** Keeps some of a run's tests, if it has any of them. */
async function keepTests(
  file: string,
  results: Results,
  isKept: (test: TestResult) => boolean,
): Promise<void> {
  const tests = results.tests.filter(isKept);
  // A claim may rest on rows that this file does not keep.
  const claims = file === KEPT ? results.claims : [];
  if (tests.length > 0) await writeWhole(file, `${JSON.stringify({ ...results, claims, tests })}\n`);
}

async function check(): Promise<void> {
  const kept = await readKept();
  const { whole, mechanism, production } = kept;
  const { 'table-mechanism': _, 'table-debian-testing': __, throughput: ___, ...rest } = table;
  const stale = (await pagesWith(kept)).filter(({ page, made }) => made !== page);
  const complaints = [
    ...stale.map(({ path }) => `${path} shows another table than the results in docs/ give`),
    ...[...differences(whole, Object.values(rest).flat()), ...disagreements(whole), ...failed(whole)].map(
      (line) => `${KEPT}: ${line}`,
    ),
    ...[...differences(mechanism, ofMechanism), ...failed(mechanism)].map((line) => `${MECHANISM}: ${line}`),
    ...failed(production).map((line) => `${PRODUCTION}: ${line}`),
  ];
  if (complaints.length > 0) complain(complaints);
}

function complain(complaints: readonly string[]): void {
  for (const complaint of complaints) console.error(complaint);
  console.error('run "npm run table", then "npm run dev:results -- reports/results.json"');
  process.exitCode = 1;
}

/** Each page as it is, and as these results make it. */
function pagesWith(kept: Kept): Promise<{ path: string; page: string; made: string }[]> {
  return Promise.all(
    Object.entries(pages).map(async ([path, tableOf]) => {
      const page = await readFile(path, 'utf8');
      return { path, page, made: withGenerated(path, page, MARKS, tableOf(kept)) };
    }),
  );
}

/** Whether a test executed a row that has a page of its own. */
function isOfMechanism({ cell }: TestResult): boolean {
  return isRow(cell) && ofMechanism.some(({ rows }) => rows.some(({ id }) => id === cell.id));
}

/** Results with the layouts and reasons that tests/table has today: prose may have changed since the run. */
function withTodaysWords(results: Results): Results {
  const rows = new Map(
    Object.values(table)
      .flat()
      .flatMap((group: RowGroup) => group.rows)
      .map((row) => [row.id, row]),
  );
  return {
    ...results,
    tests: results.tests.map((test) => {
      const row = isRow(test.cell) ? rows.get(test.cell.id) : undefined;
      if (!row) return test;
      const { layout, why } = row;
      return { ...test, cell: { ...test.cell, ...(layout !== undefined && { layout }), why } } as typeof test;
    }),
  };
}

/** Where rows of tests/table and the records of a run differ, and what contradicts a row. */
function differences(results: Results, groups: readonly RowGroup[]): string[] {
  const rows = groups.flatMap((group) => group.rows);
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
