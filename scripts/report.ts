import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { REPORTS } from '../helpers/report/logs.ts';
import { merged } from '../helpers/report/merged.ts';
import { writePage } from '../helpers/report/page/page.ts';
import { parseResults } from '../helpers/report/results-schema.ts';

// npm run report -- [results.json ...]: makes the page again, from an old file or from merged shards.
const files = process.argv.slice(2);
if (files.length === 0) files.push(`${REPORTS}/results.json`);
try {
  const results = files.map((file) => {
    try {
      return parseResults(readFileSync(file, 'utf8'));
    } catch (error) {
      throw new Error(`${file}: ${firstLine(error)}`);
    }
  });
  const folder = files.length === 1 ? dirname(files[0] as string) : REPORTS;
  console.log((await writePage(folder, merged(results))) ?? 'no cells: no page');
} catch (error) {
  console.error(firstLine(error));
  process.exitCode = 1;
}

function firstLine(error: unknown): string {
  return String((error as Error).message).split('\n', 1)[0] as string;
}
