import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import {
  claimLines,
  doubtLines,
  stepLine,
  tableLines,
  timeLines,
} from '../../helpers/report/terminal/terminal.ts';
import { resultsWith } from './fixtures/results-with.ts';
import { droppedRecord, heartbeatRecord, inconclusive, reproducedRecord } from './fixtures/row-record.ts';

const prefork8 = reproducedRecord();
const text = (lines: readonly string[]) => `\n${stripVTControlCharacters(lines.join('\n'))}\n`;

test('a step is as wide as the terminal, and is not cut without one', () => {
  const step = { elapsedMs: 13_420, test: 'prefork 8: reproduced', step: 'error', text: 'x'.repeat(80) };
  expect(stripVTControlCharacters(stepLine(step, 24, 80))).toHaveLength(80);
  expect(
    text([stepLine(step, 24, 80), stepLine({ ...step, test: 'prefork 8, '.repeat(4) }, 24)]),
  ).toMatchInlineSnapshot(`
    "
     13.4 s  prefork 8: reproduced     error       xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
     13.4 s  prefork 8, prefork 8, p…  error       xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    "
  `);
});

test('a narrow terminal leaves columns of the table out and names them', () => {
  const both = resultsWith(heartbeatRecord(), prefork8);
  expect(text([...tableLines(both), ...tableLines(both, 80)])).toMatchInlineSnapshot(`
    "

    row             deployment  traffic  verdict     drops, logged by          slowed  lost  opened  requests per process
    test/prefork-1  prefork 1   trickle  clean       0                         0       0     1       40
    test/prefork-8  prefork 8   trickle  reproduced  2: 1 heartbeat, 1 nobody  0       0     3       40

    row             verdict     drops, logged by          slowed  lost  opened
    test/prefork-1  clean       0                         0       0     1
    test/prefork-8  reproduced  2: 1 heartbeat, 1 nobody  0       0     3
    (too narrow for deployment, traffic, requests per process)
    "
  `);
});

test('the table shows requests that were slow for another reason, and marks informational rows', () => {
  const both = resultsWith(prefork8, { cell: droppedRecord(), state: 'informational' });
  expect(text(tableLines(both))).toMatchInlineSnapshot(`
    "

    row              deployment    traffic  verdict                  drops, logged by          slowed       slow otherwise  lost  opened  requests per process
    test/prefork-8   prefork 8     trickle  reproduced               2: 1 heartbeat, 1 nobody  0            0               0     3       40
    test/event-8x25  event 8 × 25  trickle  dropped (informational)  2: 1 request, 1 nobody    1 by 1.03 s  1 by 1.20 s     0     3       40
    (informational): the row was executed, and asserts nothing about its outcome
    "
  `);
});

test('lost messages have a column if there are any', () => {
  const { evidence } = prefork8;
  if (!evidence) throw new Error('the record has no evidence');
  const messages = { ...evidence.messages, lost: ['req-1', 'req-2'] };
  const [, head = '', row = ''] = tableLines(
    resultsWith({ ...prefork8, evidence: { ...evidence, messages } }),
  );
  expect(stripVTControlCharacters(head)).toContain('lost  messages lost  opened');
  expect(stripVTControlCharacters(row)).toMatch(/ 0 +2 of \d+ +3 /);
});

test('failed rows come first in the table', () => {
  const lines = tableLines(
    resultsWith(heartbeatRecord(), prefork8, { cell: droppedRecord(), state: 'failed' }),
  );
  expect(lines.slice(2, 5).map((line) => /^\S+/.exec(line)?.[0])).toEqual([
    'test/event-8x25',
    'test/prefork-1',
    'test/prefork-8',
  ]);
});

test('claims are printed beside their answers, no wider than the terminal', () => {
  const both = resultsWith(heartbeatRecord(), prefork8);
  const lines = claimLines(both, 60);
  expect(text(lines)).toMatchInlineSnapshot(`
    "

    The article’s claims
      holds only where  Under prefork the heartbeat error
                        appears after calls, and not before
                        them.
                        enough processes share the traffic:
                        prefork 8 – reproduced, 2 drops (1
                        logged by heartbeat, 1 by nobody); but
                        prefork 1 – clean, 0 drops
    "
  `);
  for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(60);
});

test('rows that were executed again and inconclusive rows are listed with their reasons', () => {
  const late = inconclusive('traffic was later than promised');
  const both = resultsWith(
    heartbeatRecord({}, { earlier: [{ verdict: late, findings: [] }] }),
    heartbeatRecord({}, { earlier: [{ verdict: late, findings: [] }], verdict: late }),
  );
  expect(text(doubtLines(both, 100))).toMatchInlineSnapshot(`
    "

      executed again    test/prefork-1: at first: traffic was later than promised; then: clean
      executed again    test/prefork-1: at first: traffic was later than promised; then: inconclusive
      could not tell    test/prefork-1: traffic was later than promised
    "
  `);
  expect(doubtLines(resultsWith(heartbeatRecord()))).toEqual([]);
});

test('the time is shown, with the longest of each step', () => {
  const startUp = { engine: 8, images: 120, broker: 4000 };
  const one = { ...resultsWith(heartbeatRecord()), seconds: 63.61, startUp };
  const merged = { ...resultsWith(prefork8), seconds: 63.61, shards: 2 };
  expect(text([...timeLines(one), ...timeLines(merged)])).toMatchInlineSnapshot(`
    "

    Time: 63.6 s, with the start: engine 0.0 s, images 0.1 s, broker 4.0 s
          the longest of each step of a cell (cells run side by side): start and warm-up 2.0 s, window 20.0 s

    Time: 63.6 s, the longest of 2 runs that were merged
          the longest of each step of a cell (cells run side by side): start and warm-up 2.0 s, window 20.0 s
    "
  `);
});
