import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Windows and colours in which a page must be readable. */
export const looks = [
  { name: 'wide', width: 1280, height: 800, colorScheme: 'light' },
  { name: 'wide-dark', width: 1280, height: 800, colorScheme: 'dark' },
  { name: 'phone', width: 400, height: 800, colorScheme: 'light' },
  { name: 'phone-dark', width: 400, height: 800, colorScheme: 'dark' },
] as const;

/** What axe finds that keeps people out. */
export async function serious(page: Page): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  const { violations } = (await page.evaluate(
    "axe.run({ resultTypes: ['violations'], preload: false })",
  )) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}

/** Presses Tab until an element has the focus. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await page.locator(':focus').evaluate((element, wanted) => element.matches(wanted), selector)) return;
  }
  throw new Error(`60 presses of Tab do not reach ${selector}`);
}

/** Marks by kind, of each timeline that is shown. */
export function marked(page: Page): Promise<Record<string, number>[]> {
  return page.locator('.panel').evaluateAll((panels) =>
    panels.map((panel) => {
      const counts: Record<string, number> = {};
      for (const mark of panel.querySelectorAll('[data-kind]')) {
        const kind = mark.getAttribute('data-kind') ?? '';
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      return counts;
    }),
  );
}
