import { dirname } from 'node:path';
import { REPORTS } from '../helpers/report/logs.ts';
import { merged } from '../helpers/report/merged.ts';
import { writePage } from '../helpers/report/page/page.ts';
import { readResults } from '../helpers/report/read-results.ts';
import { ResultsError } from '../helpers/report/results-schema.ts';
import { WriteError } from '../helpers/report/write-whole.ts';

// npm run report -- [results.json ...]: makes the page again, from an old file or from merged shards. Exit code 1: there is none.
const files = process.argv.slice(2);
if (files.length === 0) files.push(`${REPORTS}/results.json`);
const folder = files.length === 1 ? dirname(files[0] as string) : REPORTS;
try {
  const results = await Promise.all(files.map(readResults));
  const page = await writePage(folder, merged(results));
  if (page === undefined) throw new ResultsError(`${files.join(', ')}: no cells, so no page`);
  console.log(page);
} catch (error) {
  if (!(error instanceof ResultsError || error instanceof WriteError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
