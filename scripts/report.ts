import { dirname, resolve } from 'node:path';
import { userFolder } from '../helpers/config/part-files.ts';
import { ResultsError } from '../helpers/record/results-schema.ts';
import { REPORTS } from '../helpers/report/logs.ts';
import { merged } from '../helpers/report/merged.ts';
import { writePage } from '../helpers/report/page/page.ts';
import { readResults } from '../helpers/report/read-results.ts';
import { runCommand } from './run-command.ts';

// npm run report -- [results.json ...]: makes the page again, from an older run of this release or from merged shards.
// Exit code 1: there is no page.
const given = process.argv.slice(2);
const [files, from] =
  given.length === 0 ? [[`${REPORTS}/results.json`], process.cwd()] : [given, userFolder()];
const folder = files.length === 1 ? dirname(resolve(from, files[0] as string)) : REPORTS;
await runCommand(async () => {
  const results = await Promise.all(files.map((file) => readResults(file, from)));
  const page = await writePage(folder, merged(results));
  if (page === undefined) throw new ResultsError(`${files.join(', ')}: no rows, so no page`);
  console.log(page);
});
