/**
 * Makes the README's truth table from docs/results.json, a real run's results.
 *
 *     npm run readme -- reports/results.json     takes a new run's results as docs/results.json, too
 *     npm run readme -- --check                  exit code 1 where README, docs/results.json and the
 *                                                rows in tests/table disagree
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { times } from '../helpers/config/scenario.ts';
import type { Results } from '../helpers/report/results.ts';
import { parseResults } from '../helpers/report/results-schema.ts';
import { truthTableMarkdown } from '../helpers/report/truth-table-markdown.ts';
import { isKind } from '../helpers/verdict/cell-record.ts';
import { truthTable } from '../tests/table/index.ts';
import { cellOf, cellTitle } from '../tests/table/row.ts';

const README = new URL('../README.md', import.meta.url);
const KEPT = new URL('../docs/results.json', import.meta.url);
const [BEGIN, END] = ['<!-- the truth table, made by npm run readme -->\n', '<!-- end -->\n'];

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean' } },
  allowPositionals: true,
});
if (values.check) await check();
else await write(positionals[0]);

async function write(from: string | undefined): Promise<void> {
  if (from !== undefined) {
    const results = slim(parseResults(await readFile(from, 'utf8')));
    await writeFile(KEPT, `${JSON.stringify(results)}\n`);
  }
  await writeFile(README, withTable(await readFile(README, 'utf8'), await kept()));
}

async function check(): Promise<void> {
  const results = await kept();
  const readme = await readFile(README, 'utf8');
  const complaints = [
    ...(withTable(readme, results) === readme
      ? []
      : ['README.md shows another table than docs/results.json gives']),
    ...disagreements(results),
  ];
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) {
    console.error('run "npm run table", then "npm run readme -- reports/results.json"');
    process.exitCode = 1;
  }
}

async function kept(): Promise<Results> {
  return parseResults(await readFile(KEPT, 'utf8'));
}

function withTable(readme: string, results: Results): string {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (from === -1 || to < from)
    throw new Error(`README.md lacks the lines ${BEGIN.trim()} and ${END.trim()}`);
  return `${readme.slice(0, from + BEGIN.length)}\n${truthTableMarkdown(results)}\n${readme.slice(to)}`;
}

/** Where the rows of the code and the cells of the file are not the same, or a verdict is not as expected. */
function disagreements({ tests }: Results): string[] {
  const rows = truthTable.flatMap(({ rows }) => rows).map((row) => cellTitle(cellOf(row, times.compressed)));
  const cells = tests.map(({ cell }) => cell).filter(isKind('heartbeat'));
  const titles = cells.map(cellTitle);
  return [
    ...rows.filter((row) => !titles.includes(row)).map((row) => `docs/results.json has no cell “${row}”`),
    ...titles.filter((title) => !rows.includes(title)).map((title) => `tests/table has no row “${title}”`),
    ...cells
      .filter(({ verdict, expected }) => verdict.kind === 'inconclusive' || !expected.includes(verdict.kind))
      .map((cell) => `docs/results.json: ${cellTitle(cell)}, and the verdict is ${cell.verdict.kind}`),
  ];
}

/** The table's cells, less what only a timeline needs. */
function slim({ tests, ...run }: Results): Results {
  return {
    ...run,
    tests: tests.flatMap((test) => {
      const { cell } = test;
      if (cell.kind !== 'heartbeat' || !cell.evidence) return [];
      const { evidence } = cell;
      const connections = { ...evidence.connections, all: [] };
      const requests = { ...evidence.requests, all: [] };
      return { ...test, cell: { ...cell, evidence: { ...evidence, connections, requests } } };
    }),
  };
}
