import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import { isHeartbeat } from '../../helpers/record/record.ts';
import { REPORTS } from '../../helpers/report/results/logs.ts';
import { type Results, type TestResult, testsOf } from '../../helpers/report/results/results.ts';
import { withoutEvidence } from '../../helpers/report/results/without-evidence.ts';
import { hostile, withHostileLines } from '../unit/fixtures/hostile-lines.ts';
import { marksOf } from '../unit/fixtures/marks-of.ts';
import {
  fullSampleResults,
  heartbeatTest,
  mainTests,
  sampleCell,
  sampleResults,
} from '../unit/fixtures/sample-results.ts';
import { tableResults } from '../unit/fixtures/table-results.ts';
import { looks, marked, serious, tabTo } from './in-page.ts';
import { test } from './page-test.ts';

const results = sampleResults();
const full = fullSampleResults();
// axe needs time for each of thousands of marks: a few of each kind are enough for it
const short = shortened(full);
const figuresAlone = withoutEvidence(full);
const wholeTable = tableResults();
const cells = (of: Results) => testsOf(of, isHeartbeat);

describe('the first screen', () => {
  test('has the answer and the rows behind it in view', async ({ openPage }) => {
    for (const run of [full, wholeTable]) {
      const page = await openPage(run);
      expect(await page.locator('.matrix a').count()).toBe(cells(run).length);
      expect(await outOfView(page, '.answer')).toBe(0);
      expect(await outOfView(page, 'details.group[open] .matrix a')).toBe(0);
      expect(await page.locator('details.group[open] .matrix a').count()).toBeGreaterThanOrEqual(4);
    }
  });

  test('has the question, every claim, every row and the facts of the run', async ({ openPage }) => {
    const page = await openPage(full);
    expect(await page.locator('h1').innerText()).toBe(
      'Does Apache’s MPM decide whether an oslo.messaging heartbeat dies?',
    );
    expect(await page.locator('.claims li').count()).toBe(full.claims.length);
    expect(await page.locator('.matrix a').count()).toBe(cells(full).length);
    expect(await page.locator('.facts').innerText()).toMatch(
      /2026-01-31 12:00 UTC[\s\S]*2 CPUs[\s\S]*\d+ passed, 1 failed, 5 informational[\s\S]*oslo\.messaging 16\.1\.0/,
    );
  });

  test('has verdicts in words, each with a link to its evidence', async ({ openPage }) => {
    const page = await openPage(results);
    const words = await page.locator('.matrix a').allInnerTexts();
    expect(words).toEqual(['● reproduced', '◐ dropped', '○ clean', '○ clean']);
    await page.locator('.matrix a').first().click();
    expect(await page.locator('details.cell[open] > summary').innerText()).toContain('prefork 8');
    expect(await page.locator('.reason').first().isVisible()).toBe(true);
  });

  test('says who logged the drops, in its answer and in its figures', async ({ openPage }) => {
    const page = await openPage(results);
    expect(await page.locator('.answer').innerText()).toMatch(
      /the heartbeat logs it; under event, with 25, a request, or nobody/,
    );
    const figures = await page.locator('.matrix .figures').allInnerTexts();
    expect(figures.slice(0, 2)).toEqual([
      expect.stringMatching(
        /^ \d+ of \d+ connections dropped \(\d+ logged by heartbeat, \d+ by nobody\), 0 of 24/,
      ),
      expect.stringMatching(
        /^ \d+ of \d+ connections dropped \(\d+ logged by request, \d+ by nobody\), \d of 24/,
      ),
    ]);
  });

  test('marks informational rows, and does not count them as passed', async ({ openPage }) => {
    const page = await openPage(full);
    expect(await page.locator('.matrix a.informational').count()).toBe(5);
    expect(await page.locator('.legend').innerText()).toMatch(/\b5 rows informational/);
    await page.locator('details.group > summary', { hasText: 'other traffic' }).click();
    const [informational] = await page.locator('.matrix a.informational').all();
    expect(await informational?.getAttribute('aria-label')).toMatch(
      /, burst.*: \w+, .*informational; evidence$/,
    );
    await informational?.click();
    expect(await page.locator('details.cell[open] > summary').innerText()).toContain('informational');
  });
});

describe('timelines', () => {
  test('of the four rows of the main table are side by side, on the same scale', async ({ openPage }) => {
    const page = await openPage(full);
    const captions = await page.locator('.panel h3').allInnerTexts();
    expect(captions).toEqual(['prefork 8', 'event 8 × 25', 'prefork 1', 'event 1 × 25']);
    const axes = await page
      .locator('.panel svg')
      .evaluateAll((all) =>
        all.map((element) => element.querySelector('[data-part="x-axis tick label"]')?.textContent),
      );
    expect(new Set(axes).size).toBe(1);
  });

  test('have as many marks as the evidence counts', async ({ openPage }) => {
    const page = await openPage(results);
    const [prefork8, event1, prefork1, event8] = cells(results).map(({ cell }) => marksOf(cell));
    expect(await marked(page)).toEqual([prefork8, event8, prefork1, event1]);
  });

  test('show the exact time and the log line of a mark under the mouse', async ({ openPage }) => {
    const page = await openPage(results);
    await page.locator('.panel [data-kind="heartbeat error"]').first().hover();
    const tooltip = page.getByRole('tooltip');
    expect(await tooltip.innerText()).toContain(evidenceOfFirst().heartbeatErrors[0]?.line);
    expect(await tooltip.innerText()).toMatch(/\d+\.\d{3} s · \d\d:\d\d:\d\d\.\d{3} UTC/);
  });

  test('show fewer marks when zoomed in, and the whole window again', async ({ openPage }) => {
    const page = await openPage(results);
    const drops = page.locator('.panel [data-kind="broker drop"]');
    const before = await drops.count();
    await page.getByRole('button', { name: 'Zoom in' }).first().click();
    expect(await drops.count()).toBeLessThan(before);
    await page.getByRole('button', { name: 'Whole window' }).first().click();
    expect(await drops.count()).toBe(before);
    const timeline = page.locator('.panel svg').first();
    await timeline.scrollIntoViewIfNeeded();
    const box = await timeline.boundingBox();
    if (!box) throw new Error('the timeline is not seen');
    await page.mouse.move(box.x + 250, box.y + 90);
    await page.mouse.down();
    await page.mouse.move(box.x + 350, box.y + 90, { steps: 4 });
    await page.mouse.up();
    expect(await drops.count()).toBeLessThan(before);
  });

  test('lead from a mark to its line in the evidence by the keyboard alone', async ({ openPage }) => {
    const page = await openPage(results);
    await tabTo(page, '.panel [data-kind]');
    // drops are above heartbeat errors
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator(':focus').getAttribute('aria-label')).toContain(
      evidenceOfFirst().heartbeatErrors[1]?.line,
    );
    expect(await page.getByRole('tooltip').isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    expect(await page.locator('details.cell[open]').count()).toBe(1);
    expect(await page.locator(':focus').innerText()).toContain(evidenceOfFirst().heartbeatErrors[1]?.line);
  });

  test('of other rows can be added', async ({ openPage }) => {
    const page = await openPage(full);
    await page.locator('.chooser > summary').click();
    await page.getByRole('checkbox', { name: 'uWSGI 8 × 1, trickle' }).check();
    expect(await page.locator('.panel').count()).toBe(5);
  });
});

describe('evidence', () => {
  test('is reached from the truth table by the keyboard alone, with its reason and its command', async ({
    openPage,
  }) => {
    const page = await openPage(results);
    await tabTo(page, '.matrix a');
    await page.keyboard.press('Enter');
    const cell = page.locator('details.cell[open]');
    expect(await cell.locator('.reason').innerText()).toContain('The broker heard nothing for 2 to 3 s');
    expect(await cell.locator('.command code').innerText()).toBe('npm run table -- -t test/prefork-8:');
    expect(await cell.locator('tbody tr .line').first().innerText()).toBe(
      evidenceOfFirst().heartbeatErrors[0]?.line,
    );
  });

  test('opens by a link to the id of its row', async ({ openPage }) => {
    const page = await openPage(results, { hash: '#test/event-8x25' });
    expect(await page.locator('details.cell[open] > summary').innerText()).toContain('event 8 × 25');
  });

  test('shows text from logs as text', async ({ openPage }) => {
    const page = await openPage(withHostileLines(results));
    await openAllCells(page);
    await page.locator('.panel [data-kind="heartbeat error"]').first().hover();
    expect(await page.title()).not.toBe('stolen');
    expect(await page.locator('img, body > script:not(#data):not(:last-of-type), iframe').count()).toBe(0);
    const lines = await page.locator('.lines.remarks').first().locator('.line').allTextContents();
    // a browser may show a lone surrogate as the replacement character
    const shown = (line: string) => line.replaceAll(/[\ud800-\udfff]/g, '\ufffd');
    expect(lines.map(shown)).toEqual(hostile.map(shown));
  });
});

describe('throughput', () => {
  test('shows the ratio, the control and the order of each block', async ({ openPage }) => {
    const page = await openPage(results);
    const chart = page.locator('.comparison figure').first();
    expect(await chart.locator('g[data-part="dot"] > :is(circle, path)').count()).toBe(2 * (8 + 1));
    expect(await chart.innerText()).toMatch(/\bA B A′|A A′ B|B A A′|B A′ A|A′ A B|A′ B A/);
    expect(await page.locator('.comparison .reason').innerText()).toMatch(
      /^Event 1 × 25.* answers 1\.0\d\d times/,
    );
    await page.locator('.comparison .list > summary').click();
    expect(await page.locator('.comparison tbody tr').count()).toBe(8);
  });
});

describe('a file with figures alone', () => {
  const NOT_HELD =
    'This page was made from docs/results.json, which has only figures of each row, without requests, frames and log lines. Make it from reports/results.json of a run: npm run report.';

  test('has a sentence in place of the timelines', async ({ openPage }) => {
    const page = await openPage(figuresAlone);
    expect(await page.locator('#timelines p').allInnerTexts()).toEqual([NOT_HELD]);
    expect(await page.locator('.panel, .timeline, .zoom, .key').count()).toBe(0);
    await screenshot(page, 'figuresAlone');
  });

  test('has a sentence in the evidence of a row, and no wrong figure', async ({ openPage }) => {
    const page = await openPage(figuresAlone, { hash: '#test/prefork-8' });
    const cell = page.locator('details.cell[open]');
    const text = await cell.innerText();
    expect(text.split(NOT_HELD)).toHaveLength(2);
    expect(text).toContain('18 of 24 connections (16 logged by heartbeat, 2 by nobody)');
    expect(text).not.toMatch(/\bof 0\b|1970/);
    expect(await cell.locator('.timeline, .zoom').count()).toBe(0);
  });

  test('has the same truth table', async ({ openPage }) => {
    const labels = async (of: Results) => {
      const page = await openPage(of);
      return page
        .locator('.matrix a')
        .evaluateAll((all) => all.map((link) => link.getAttribute('aria-label')));
    };
    expect(await labels(figuresAlone)).toEqual(await labels(full));
  });

  test('is recognised row by row', async ({ openPage }) => {
    const [first, ...rest] = withoutEvidence(results).tests;
    const page = await openPage({
      ...results,
      tests: [...(first ? [first] : []), ...mainTests().slice(1), ...rest.slice(3)],
    });
    expect(await page.locator('#timelines p').allInnerTexts()).toContain(NOT_HELD);
    expect(await page.locator('.panel h3').allInnerTexts()).toEqual([
      'event 8 × 25',
      'prefork 1',
      'event 1 × 25',
    ]);
  });
});

describe('little to show', () => {
  test('a run without rows under traffic and without throughput says so', async ({ openPage }) => {
    const page = await openPage({
      ...results,
      claims: [],
      tests: results.tests.filter(({ cell }) => cell.kind === 'connections'),
    });
    expect(await page.locator('.empty').allInnerTexts()).toHaveLength(4);
    expect(await page.locator('.record table').count()).toBe(1);
    await screenshot(page, 'little');
  });

  test('a row that was not executed says why', async ({ openPage }) => {
    const page = await openPage(full);
    const notExecuted = cells(full).find(({ cell }) => cell.verdict.kind === 'inconclusive');
    await page.goto(`${page.url()}#${notExecuted?.cell.id}`);
    expect(await page.locator('details.cell[open] .reason').innerText()).toContain(
      'the broker did not answer within 20 s',
    );
  });

  test('requests without an answer have a lane', async ({ openPage }) => {
    const page = await openPage({ ...results, tests: [lostRequests()] });
    expect(await page.locator('.panel svg').innerHTML()).toContain('not answered');
    expect(await page.locator('.matrix a').innerText()).toMatch(/^. \w+\s+\d+ lost$/);
  });
});

describe('for everybody', () => {
  test.for(looks)('$name: nothing overflows', async ({ name, ...options }, { openPage }) => {
    const page = await openPage(full, options);
    await screenshot(page, name);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    await page.locator('#timelines').screenshot({ path: picture(`${name}-timelines`) });
    await page.locator('#throughput').screenshot({ path: picture(`${name}-throughput`) });
    await page.goto(`${page.url()}#test/prefork-8`);
    await screenshot(page, `${name}-evidence`);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  });

  // contrast depends on the colours, the rest on the width: these two looks have both colour schemes and both widths
  test.for([looks[0], looks[3]])('$name: axe finds nothing serious', async ({ name: _, ...options }, {
    openPage,
  }) => {
    const page = await openPage(short, { ...options, hash: '#test/prefork-8' });
    await page.locator('.chooser > summary').click();
    await page.locator('details.cell[open] details.list').evaluateAll((lists) => {
      for (const list of lists) list.setAttribute('open', '');
    });
    expect(await serious(page)).toEqual([]);
  });

  test('the printed page has no controls and cuts nothing off', async ({ openPage }) => {
    const page = await openPage(results, { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'light' });
    expect(await page.locator('.controls').first().isVisible()).toBe(false);
    const cutOff = await page
      .locator('.because')
      .evaluateAll((all) => all.filter((element) => element.scrollHeight > element.clientHeight + 1).length);
    expect(cutOff).toBe(0);
    await page.screenshot({ path: picture('print'), fullPage: true });
  });
});

/** How many elements are not wholly in the window. */
function outOfView(page: Page, selector: string): Promise<number> {
  return page.locator(selector).evaluateAll(
    (all) =>
      all.filter((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top < 0 || bottom > element.ownerDocument.documentElement.clientHeight;
      }).length,
  );
}

function picture(name: string): string {
  return join(REPORTS, 'screenshots', `${name}.png`);
}

async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: picture(name) });
}

async function openAllCells(page: Page): Promise<void> {
  for (const cell of await page.locator('details.cell > summary').all()) await cell.click();
}

function evidenceOfFirst(): Evidence {
  const evidence = cells(results)[0]?.cell.evidence;
  if (!evidence) throw new Error('the sample has evidence');
  return evidence;
}

function shortened(of: Results): Results {
  const few = 6;
  return {
    ...of,
    tests: of.tests.map((test) => {
      if (!isHeartbeat(test.cell) || !test.cell.evidence) return test;
      const { evidence } = test.cell;
      const requests = { ...evidence.requests, all: evidence.requests.all.slice(0, few) };
      const connections = {
        ...evidence.connections,
        all: evidence.connections.all
          .slice(0, few)
          .map((connection) => ({ ...connection, packets: connection.packets.slice(0, few) })),
      };
      const heartbeatErrors = evidence.heartbeatErrors.slice(0, few);
      const brokerDrops = evidence.brokerDrops.slice(0, few);
      return {
        ...test,
        cell: {
          ...test.cell,
          evidence: { ...evidence, requests, connections, heartbeatErrors, brokerDrops },
        },
      };
    }),
  };
}

function lostRequests(): TestResult {
  const row = { mpm: 'event', processes: 1, threads: 25 } as const;
  const cell = sampleCell(row);
  const evidence = cell.evidence as Evidence;
  const failure = 'no answer within 8 s';
  const all = evidence.requests.all.map((request, index) =>
    index % 4 === 3 ? { ...request, status: undefined, pid: undefined, thread: undefined, failure } : request,
  );
  const failed = all.filter(({ status }) => status !== 200).map(({ id }) => `${id}: ${failure}`);
  return heartbeatTest(
    sampleCell(row, {
      expect: { ...cell.expect, requests: 'some lost' },
      evidence: { ...evidence, requests: { ...evidence.requests, all, failed } },
    }),
  );
}
