import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { diagnosisPage } from '../unit/fixtures/diagnosis-page.ts';
import { endLines, nameOf } from '../unit/fixtures/made-up-lines.ts';
import { recordedLogs } from '../unit/fixtures/recorded-logs.ts';
import { recorded } from '../unit/recorded/index.ts';
import { looks, marked, serious, tabTo } from './in-page.ts';
import { test } from './page-test.ts';

// What an operator has of a real run in which prefork’s eight processes lost their connections.
const data = diagnosisPage(recordedLogs('prefork-8'), 0);
const { brokerDrops, heartbeatErrors, requests, connections } = evidenceOf(recorded('prefork-8'));
// The drops of two nights.
const drop = endLines('03:00:00', nameOf('mod_wsgi', 18, 1), '10.0.0.7:4242');
const days = diagnosisPage({
  'rabbit.log': [...drop, ...drop.map((line) => line.replace('2026-11-26 03', '2026-11-28 04'))],
});

describe('the page of logs', () => {
  test('begins with the diagnosis, its lines, what to do and the row that shows it', async ({ openPage }) => {
    const page = await openPage(data);
    expect(await page.locator('h1').innerText()).toBe(data.headline);
    const finding = page.locator('#found article').first();
    expect(await finding.innerText()).toMatch(/broker\.log:\d+[\s\S]*heartbeat_in_pthread/);
    expect(await finding.locator('.command code').innerText()).toBe('npm run table -- -t article/prefork-8');
  });

  test('has a lane for each process, and the marks that the logs have', async ({ openPage }) => {
    const page = await openPage(data);
    const labels = await texts(page);
    for (const { pid } of connections.all) expect(labels).toContain(`process ${pid}`);
    const [marks] = await marked(page);
    expect(marks).toEqual({
      'broker drop': brokerDrops.length,
      'heartbeat error': heartbeatErrors.length,
      request: requests.answered,
      connection: connections.opened,
    });
    // The broker’s log shows a silence only before a drop.
    const hatched = page.locator('.panel').first().locator('[fill="url(#silence)"] rect');
    expect(await hatched.count()).toBe(brokerDrops.length);
  });

  test('has the time and the date on its axis', async ({ openPage }) => {
    const labels = await texts(await openPage(data));
    expect(labels.filter((label) => /^\d\d:\d\d:\d\d/.test(label)).length).toBeGreaterThan(1);
    expect(labels.join(' ')).toContain('2026-11-24');
  });

  test('leads from a mark to its line by the keyboard alone', async ({ openPage }) => {
    const page = await openPage(data);
    await tabTo(page, '.panel [data-kind="broker drop"]');
    expect(await page.locator(':focus').getAttribute('aria-label')).toMatch(
      /heard nothing for 2 to 3 s.*broker\.log:\d+$/,
    );
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').innerText()).toMatch(/^\S+ \S+\s+\d+\s+The broker drops/);
  });

  test('shows the minutes before an event, at its button', async ({ openPage }) => {
    const page = await openPage(days);
    expect((await texts(page)).join(' ')).toMatch(/2026-11-26.*2026-11-28/);
    const drops = page.locator('.panel [data-kind="broker drop"]');
    expect(await drops.count()).toBe(2);
    await page.locator('details.list > summary').first().click();
    await page.getByRole('button', { name: '2026-11-28 04:00:00.000', exact: true }).click();
    expect(await drops.count()).toBe(1);
    expect(await texts(page)).toContain('04:00');
  });

  test.for(looks)('$name: nothing overflows', async ({ name: _, ...options }, { openPage }) => {
    const page = await openPage(data, options);
    await page.locator('details.list > summary').first().click();
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  });

  test.for([looks[0], looks[3]])('$name: axe finds nothing serious', async ({ name: _, ...options }, {
    openPage,
  }) => {
    const page = await openPage(data, options);
    await page.locator('details.list > summary').first().click();
    expect(await serious(page)).toEqual([]);
  });
});

function texts(page: Page): Promise<string[]> {
  return page
    .locator('.panel')
    .first()
    .locator('svg text')
    .evaluateAll((all) => all.map((element) => element.textContent ?? ''));
}
