import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConsoleMessage, Page, Request } from 'playwright-core';
import { test as base, expect } from 'vitest';
import { writePage } from '../../helpers/report/page/page.ts';
import type { Results } from '../../helpers/report/results.ts';
import { startChromium } from './chromium.ts';

interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly hash?: string;
}

/** Opens the page of a run. */
export type OpenPage = (results: Results, options?: OpenOptions) => Promise<Page>;

/** Gives the file of a run's page. */
type WritePage = (results: Results) => Promise<string>;

async function writeInto(folders: string[], results: Results): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  folders.push(folder);
  return (await writePage(folder, results)) as string;
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
  // a page of each run, however often it is opened
  written: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the fixtures needed from the pattern
    async ({}, use) => {
      const folders: string[] = [];
      const pages = new Map<Results, Promise<string>>();
      await use((results) => {
        const page = pages.get(results) ?? writeInto(folders, results);
        pages.set(results, page);
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
    await use(async (results, { width = 1280, height = 800, colorScheme = 'light', hash = '' } = {}) => {
      const file = await written(results);
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
