import { expect, test } from 'vitest';
import { LogGaps } from '../../helpers/diagnosis/history/log-gaps.ts';

const DAY_MS = 86_400_000;

/** The gaps of a day with evenly spaced lines, except those of one time. */
function dayOf(lines: number, missing: { readonly from: number; readonly until: number }): LogGaps {
  const gaps = new LogGaps();
  const step = DAY_MS / lines;
  for (let at = 0; at < DAY_MS; at += step) if (at <= missing.from || at >= missing.until) gaps.add(at);
  return gaps;
}

test.for([200, 19_000, 200_000])('of %d lines, only an unusually long gap counts', (lines) => {
  const none = dayOf(lines, { from: 0, until: 0 });
  expect(none.hasAfter(0)).toBe(false);
  const [from, until] = [DAY_MS / 2, DAY_MS / 2 + (DAY_MS / lines) * 8.5];
  const one = dayOf(lines, { from, until });
  expect([one.hasAfter(0), one.hasAfter(from), one.hasAfter(DAY_MS * 0.6)]).toEqual([true, true, false]);
});
