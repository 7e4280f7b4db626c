/**
 * Draws the picture of the README, the timelines of the main table, from the results.json of a whole run:
 *
 *     npm run dev:picture -- results.json picture.png
 *
 * It is written only if it shows what its caption says.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isHeartbeat } from '../helpers/record/record.ts';
import { writePage } from '../helpers/report/page/page.ts';
import { readResults } from '../helpers/report/results/read-results.ts';
import { type Results, testsOf } from '../helpers/report/results/results.ts';
import { startChromium } from '../tests/browser/chromium.ts';
import { pictureProblems } from '../tests/browser/picture-problems.ts';
import { runCommand } from './run-command.ts';

const [file, picture] = process.argv.slice(2);
await runCommand(
  async () => {
    const problems = await problemsOf(file, picture);
    for (const problem of problems) console.error(`picture: ${problem}`);
    return problems.length === 0 ? 0 : 1;
  },
  { name: 'picture' },
);

/** Draws the picture, or says why there is none. */
async function problemsOf(from: string | undefined, to: string | undefined): Promise<string[]> {
  if (!from || !to) return ['two files are needed: npm run dev:picture -- results.json picture.png'];
  const results = await readResults(from);
  if (!isDrawable(results)) {
    return [
      `${from} has only figures of each row, without requests and frames; give the results.json of a run`,
    ];
  }
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  const browser = await startChromium();
  try {
    const page = await writePage(folder, results);
    if (!page) return [`${from} has no rows`];
    const tab = await browser.newPage({ viewport: { width: 1100, height: 900 }, colorScheme: 'light' });
    await tab.goto(pathToFileURL(page).href);
    const problems = await pictureProblems(tab);
    if (problems.length === 0) await tab.locator('.panels').screenshot({ path: to });
    return problems;
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
}

function isDrawable(results: Results): boolean {
  return testsOf(results, isHeartbeat).every(({ cell }) => !cell.figures);
}
