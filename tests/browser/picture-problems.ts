import type { Page } from 'playwright-core';

/** What the caption of README's picture says about its panels, in their order. */
const caption = [
  { deployment: 'prefork 8', drops: true },
  { deployment: 'event 8 × 25', drops: true },
  { deployment: 'prefork 1', drops: false },
  { deployment: 'event 1 × 25', drops: false },
] as const;

/** The longest window of a picture, seconds. */
const LONGEST = 60;

/** A timeline as it is drawn. */
interface Drawn {
  readonly deployment: string;
  readonly drops: number;
  /** Processes that have a lane. */
  readonly lanes: readonly string[];
  /** Processes with a request that is drawn. */
  readonly served: readonly string[];
  /** The labels of the time axis. */
  readonly ticks: readonly string[];
}

/** Where the timelines on a page contradict the caption of README's picture. */
export async function pictureProblems(page: Page): Promise<string[]> {
  const panels = await drawnPanels(page);
  const names = panels.map(({ deployment }) => deployment).join(', ');
  const wanted = caption.map(({ deployment }) => deployment).join(', ');
  if (names !== wanted) return [`the panels are ${names || 'none'}, and not ${wanted}`];
  return caption.flatMap(({ deployment, drops }, index) => {
    const problems = panelProblems(panels[index] as Drawn, drops);
    return problems.map((problem) => `${deployment}: ${problem}`);
  });
}

function panelProblems({ drops, lanes, served, ticks }: Drawn, dropsWanted: boolean): string[] {
  const idle = lanes.filter((pid) => !served.includes(pid));
  const seconds = ticks.map((tick) => Number(tick.replace(/ s$/, '')));
  const inTime = seconds.length > 0 && seconds.every((second) => Math.abs(second) <= LONGEST);
  return [
    ...(drops > 0 === dropsWanted ? [] : [`${drops} drops are drawn`]),
    ...(lanes.length > 0 ? [] : ['no process has a lane']),
    ...idle.map((pid) => `the lane of process ${pid} has no request`),
    ...(inTime ? [] : [`the time axis shows ${ticks.join(', ') || 'nothing'}`]),
  ];
}

async function drawnPanels(page: Page): Promise<Drawn[]> {
  // A timeline is drawn a moment after its panel has a width.
  await page.waitForFunction(
    "document.querySelectorAll('.panel').length === document.querySelectorAll('.panel svg').length",
  );
  // No function in it has a name, because tsx would wrap it in a helper that the page does not have.
  const read = await page.locator('.panel').evaluateAll((panels) =>
    panels.map((panel) => ({
      deployment: panel.querySelector('h3')?.textContent ?? '',
      drops: panel.querySelectorAll('[data-kind="broker drop"]').length,
      texts: [...panel.querySelectorAll('svg text')].map((text) => text.textContent ?? ''),
      requests: [...panel.querySelectorAll('[data-kind*="request"]')].map(
        (mark) => mark.getAttribute('aria-label') ?? '',
      ),
      ticks: [...panel.querySelectorAll('[data-part="x-axis tick label"] text')].map(
        (text) => text.textContent ?? '',
      ),
    })),
  );
  return read.map(({ texts, requests, ...rest }) => ({
    ...rest,
    lanes: pidsIn(texts, /^(?:process|pid) (\d+)$/),
    served: pidsIn(requests, /; process (\d+), thread/),
  }));
}

function pidsIn(texts: readonly string[], pattern: RegExp): string[] {
  return [...new Set(texts.flatMap((text) => pattern.exec(text)?.[1] ?? []))];
}
