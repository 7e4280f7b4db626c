import { expect, test } from 'vitest';
import { throttled } from '../../helpers/execution/progress.ts';
import { quietLine, Running, regionLines } from '../../helpers/report/terminal/running.ts';

const standing = { elapsedMs: 14_200, testsDone: 3, tests: 24 };
const size = { columns: 100, rows: 24 };

function cells(): Running {
  const running = new Running();
  running.start('1', 'prefork 8: reproduced', 0);
  running.start('2', 'event 1 × 25: clean', 0);
  running.start('3', 'event 8 × 25, messaging 2019: dropped', 0);
  running.start('4', 'the application is not patched', 0);
  const window = { step: 'window', of: 40, unit: 'requests' };
  running.at('1', { ...window, done: 12, leftMs: 14_000 }, 9000);
  running.at('2', { ...window, done: 10, leftMs: 15_000 }, 9000);
  running.at('3', { step: 'waits for its warm-up' }, 4000);
  return running;
}

test('the region shows each row, its step, its progress and the time left', () => {
  const running = cells();
  expect(`\n${regionLines(running.now(10_000), standing, 10_000, size).join('\n')}\n`).toMatchInlineSnapshot(`
    "

     14.2 s  3 of 24 tests done
      prefork 8: reproduced                  window                 12 of 40 requests  13 s left  ████…
      event 1 × 25: clean                    window                 10 of 40 requests  14 s left  ████…
      event 8 × 25, messaging 2019: dropped  waits for its warm-up                     6 s
      the application is not patched                                                   10 s
    "
  `);
});

test('the region has no more lines than the terminal, and no wider ones', () => {
  const lines = regionLines(cells().now(10_000), standing, 10_000, { columns: 40, rows: 7 });
  expect(lines).toHaveLength(5);
  expect(lines.at(-1)).toBe('  … and 2 more');
  for (const line of lines) expect(line.length).toBeLessThan(40);
});

test('the time left decreases between two reports', () => {
  const running = cells();
  const left = (now: number) =>
    regionLines(running.now(now), standing, now, size)[2]?.match(/\d+ s left|any moment/);
  expect([9000, 12_500, 30_000].map((now) => left(now)?.[0])).toEqual([
    '14 s left',
    '11 s left',
    'any moment',
  ]);
});

test('a row that has just begun or has ended is not shown', () => {
  const running = new Running();
  running.start('1', 'quick', 0);
  expect(running.now(100)).toEqual([]);
  expect(running.now(600)).toHaveLength(1);
  running.end('1');
  running.at('1', { step: 'window' }, 700);
  expect(running.now(800)).toEqual([]);
  expect(regionLines([], standing, 0, size)).toEqual([]);
  expect(quietLine([], standing, 0)).toBeUndefined();
});

test('without a terminal all rows share one line', () => {
  expect(quietLine(cells().now(10_000), standing, 10_000)).toMatchInlineSnapshot(
    `" 14.2 s  …  window (prefork 8: reproduced, event 1 × 25: clean): 10 to 12 of 40 requests, 14 s left; waits for its warm-up (event 8 × 25, messaging 2019: dropp…"`,
  );
});

test('a new step and its end are reported at once, and changes within it once a second', () => {
  const heard: unknown[] = [];
  let now = 0;
  const report = throttled(
    ({ step, done }) => heard.push([step, done]),
    () => now,
  );
  for (let done = 1; done <= 8; done++) {
    report({ step: 'window', done, of: 8 });
    now += 300;
  }
  report({ step: 'proof' });
  expect(heard).toEqual([
    ['window', 1],
    ['window', 5],
    ['window', 8],
    ['proof', undefined],
  ]);
});
