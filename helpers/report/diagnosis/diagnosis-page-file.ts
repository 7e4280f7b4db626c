import { readFile, stat } from 'node:fs/promises';
import { OneLineError } from '../../config/one-line.ts';
import type { DiagnosisPageData } from '../page/diagnosis-page-data.ts';
import { pageHtml, pageTitles } from '../page/page.ts';
import { writeWhole } from '../results/write-whole.ts';

/** No page has more bytes. */
const MOST_BYTES = 100_000_000;
/** Its title is among its first characters. */
const HEAD = 200;

/**
 * Refuses to replace what is no page of a diagnosis, for example a log.
 *
 * @throws OneLineError
 */
export async function checkPageFile(file: string): Promise<void> {
  const facts = await stat(file).catch(() => undefined);
  if (!facts) return;
  const isPage =
    facts.isFile() &&
    facts.size < MOST_BYTES &&
    (await readFile(file, 'utf8').catch(() => '')).slice(0, HEAD).includes(pageTitles['diagnosis-main']);
  if (!isPage) throw new OneLineError(`${file} exists, and is no page of diagnose: give another name`);
}

/**
 * Writes the page of a diagnosis: one file, which needs nothing else and no network.
 *
 * @throws WriteError
 */
export async function writeDiagnosisPage(file: string, data: DiagnosisPageData): Promise<void> {
  await writeWhole(file, await pageHtml('diagnosis-main', data));
}
