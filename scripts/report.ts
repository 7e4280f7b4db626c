import { dirname, resolve } from 'node:path';
import { userFolder } from '../helpers/config/part-files.ts';
import { ResultsError } from '../helpers/record/results-schema.ts';
import { writePage } from '../helpers/report/page/page.ts';
import { REPORTS } from '../helpers/report/results/logs.ts';
import { readResults } from '../helpers/report/results/read-results.ts';
import { runCommand } from './run-command.ts';

// npm run report -- [results.json]: makes the page again, beside the results of a run of this release.
// Exit code 1: there is no page.
const [, , file = resolve(REPORTS, 'results.json'), ...others] = process.argv;
await runCommand(async () => {
  if (others.length > 0)
    throw new ResultsError('npm run report takes one results.json; docs/ci.md says how to merge shards');
  const page = await writePage(dirname(resolve(userFolder(), file)), await readResults(file, userFolder()));
  if (page === undefined) throw new ResultsError(`${file}: no rows, so no page`);
  console.log(page);
});
