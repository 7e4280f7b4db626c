import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConsoleMessage, Page, Request } from 'playwright-core';
import { test as base, expect } from 'vitest';
import { writeDiagnosisPage } from '../../helpers/report/diagnosis/diagnosis-page-file.ts';
import type { DiagnosisPageData } from '../../helpers/report/page/diagnosis-page-data.ts';
import { writePage } from '../../helpers/report/page/page.ts';
import type { Results } from '../../helpers/report/results/results.ts';
import { startChromium } from './chromium.ts';

interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly hash?: string;
}

/** A run, or somebody's logs. */
type Shown = Results | DiagnosisPageData;

/** Opens the page of a run, or of somebody's logs. */
export type OpenPage = (of: Shown, options?: OpenOptions) => Promise<Page>;

/** Gives the file of a page. */
type WritePage = (of: Shown) => Promise<string>;

async function writeInto(folders: string[], of: Shown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  folders.push(folder);
  if ('tests' in of) return (await writePage(folder, of)) as string;
  const file = join(folder, 'diagnosis.html');
  await writeDiagnosisPage(file, of);
  return file;
}

/** Vitest's `test` with a browser, and with pages that open from disk while the network is cut off. */
export const test = base.extend<{ tab: Page; written: WritePage; openPage: OpenPage }>({
  // One for all tests: a new one would cost each of them half a second.
  tab: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the fixtures needed from the pattern
    async ({}, use) => {
      const browser = await startChromium();
      const context = await browser.newContext({ offline: true });
      context.setDefaultTimeout(10_000);
      await use(await context.newPage());
      await browser.close();
    },
    { scope: 'file' },
  ],
  // one page of each, however often it is opened
  written: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the fixtures needed from the pattern
    async ({}, use) => {
      const folders: string[] = [];
      const pages = new Map<Shown, Promise<string>>();
      await use((of) => {
        const page = pages.get(of) ?? writeInto(folders, of);
        pages.set(of, page);
        return page;
      });
      for (const folder of folders) await rm(folder, { recursive: true });
    },
    { scope: 'file' },
  ],
  openPage: async ({ tab, written }, use) => {
    const complaints: string[] = [];
    const onConsole = (message: ConsoleMessage) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    };
    const onError = (error: Error) => void complaints.push(String(error));
    const onRequest = (request: Request) => {
      if (!/^(file|about):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
    };
    tab.on('console', onConsole).on('pageerror', onError).on('request', onRequest);
    await use(async (of, { width = 1280, height = 800, colorScheme = 'light', hash = '' } = {}) => {
      const file = await written(of);
      await tab.setViewportSize({ width, height });
      await tab.emulateMedia({ media: null, colorScheme });
      // Where it was before must not matter.
      await tab.goto('about:blank');
      await tab.goto(`${pathToFileURL(file)}${hash}`);
      return tab;
    });
    tab.off('console', onConsole).off('pageerror', onError).off('request', onRequest);
    expect(complaints).toEqual([]);
  },
});
