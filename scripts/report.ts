import { dirname, resolve } from 'node:path';
import { whereTheUserStands } from '../helpers/engine/parts.ts';
import { REPORTS } from '../helpers/report/logs.ts';
import { merged } from '../helpers/report/merged.ts';
import { writePage } from '../helpers/report/page/page.ts';
import { readResults } from '../helpers/report/read-results.ts';
import { ResultsError } from '../helpers/report/results-schema.ts';
import { WriteError } from '../helpers/report/write-whole.ts';

// npm run report -- [results.json ...]: makes the page again, from an old file or from merged shards. Exit code 1: there is none.
const given = process.argv.slice(2);
const [files, from] =
  given.length === 0 ? [[`${REPORTS}/results.json`], process.cwd()] : [given, whereTheUserStands()];
const folder = files.length === 1 ? dirname(resolve(from, files[0] as string)) : REPORTS;
try {
  const results = await Promise.all(files.map((file) => readResults(file, from)));
  const page = await writePage(folder, merged(results));
  if (page === undefined) throw new ResultsError(`${files.join(', ')}: no cells, so no page`);
  console.log(page);
} catch (error) {
  if (!(error instanceof ResultsError || error instanceof WriteError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
