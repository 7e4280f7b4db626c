import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writePage } from '../helpers/report/page/page.ts';
import { parseResults } from '../helpers/report/results-schema.ts';
import { startChromium } from '../tests/browser/chromium.ts';

// npm run picture -- results.json picture.png: the timelines of the main table, for the README.
const [results, picture] = process.argv.slice(2);
if (!results || !picture) {
  console.error('npm run picture -- results.json picture.png');
  process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), 'page-'));
try {
  const page = await writePage(folder, parseResults(readFileSync(results, 'utf8')));
  if (!page) throw new Error(`${results} has no cells`);
  const browser = await startChromium();
  const tab = await browser.newPage({ viewport: { width: 1100, height: 900 }, colorScheme: 'light' });
  await tab.goto(pathToFileURL(page).href);
  await tab.locator('.panels').screenshot({ path: picture });
  await browser.close();
} finally {
  await rm(folder, { recursive: true });
}
