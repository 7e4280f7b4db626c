import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
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
export const test = base.extend<{ browser: Browser; written: WritePage; openPage: OpenPage }>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the fixtures needed from the pattern
    async ({}, use) => {
      const browser = await startChromium();
      await use(browser);
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
  openPage: async ({ browser, written }, use) => {
    const complaints: string[] = [];
    const ends: (() => Promise<unknown>)[] = [];
    await use(async (results, { width = 1280, height = 800, colorScheme = 'light', hash = '' } = {}) => {
      const file = await written(results);
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      ends.push(() => context.close());
      context.setDefaultTimeout(10_000);
      await context.setOffline(true);
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (!request.url().startsWith('file:')) complaints.push(`asked for ${request.url()}`);
      });
      await page.goto(`${pathToFileURL(file)}${hash}`);
      return page;
    });
    for (const end of ends.reverse()) await end();
    expect(complaints).toEqual([]);
  },
});
