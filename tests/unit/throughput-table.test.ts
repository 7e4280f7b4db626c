import { expect, test } from 'vitest';
import { parseAbOutput } from '../../helpers/evidence/ab-output.ts';
import type { ThroughputBlock } from '../../helpers/evidence/throughput-block.ts';
import {
  progressLine,
  type ThroughputComparison,
  throughputLines,
} from '../../helpers/report/throughput-table.ts';
import { nextThroughputStep, throughputVerdict } from '../../helpers/verdict/throughput.ts';
import { defaultTerms, throughputPlan } from '../../helpers/verdict/throughput-plan.ts';
import { abRun } from './fixtures/ab-runs.ts';
import { block, blocks, expected, withMeasurement } from './fixtures/throughput-blocks.ts';

const plan = throughputPlan();

function comparison(all: readonly ThroughputBlock[]): ThroughputComparison {
  return {
    title: '/, TLS, one CPU each',
    names: { baseline: 'prefork 8', baselineAgain: 'prefork 8 again', candidate: 'event 1 × 25' },
    terms: defaultTerms,
    seed: 42,
    blocks: all,
    verdict: throughputVerdict(all, expected, plan),
  };
}

test('within', () => {
  expect(`\n${throughputLines(comparison(blocks(8, 1.08))).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    /, TLS, one CPU each (8 blocks, seed 42)
                      requests/s  vs prefork 8           interval of the ratio  p50 ms  p95 ms  p99 ms
    prefork 8        479.4 ± 4 %                                                    48      55      71
    prefork 8 again  480.6 ± 3 %        +0.3 %           0.928 to 1.083 (99 %)      48      55      71
    event 1 × 25     519.7 ± 3 %        +8.3 %  1.051 to 1.115 (95 % each end)      48      55      71
    within: event 1 × 25 answers 1.083 times as many requests as prefork 8, at least 1.051 times with 95 % confidence: it loses nothing.
    "
  `);
});

test('within, where a small loss stays possible', () => {
  expect(throughputLines(comparison(blocks(8, 0.97))).at(-1)).toMatchInlineSnapshot(
    `"within: event 1 × 25 answers 0.972 times as many requests as prefork 8, at least 0.944 times with 95 % confidence: it does not lose more than 10 %, but 8 blocks that scatter like these may miss a loss below 3.7 %."`,
  );
});

test('outside', () => {
  expect(throughputLines(comparison(blocks(12, 0.8))).at(-1)).toMatchInlineSnapshot(
    `"outside: event 1 × 25 answers 0.800 times as many requests as prefork 8, at most 0.819 times with 95 % confidence: it loses more than 10 %, and how much more is known no better than that."`,
  );
});

test('inconclusive, with what was measured until then', () => {
  const stuck = { startedAt: 0, ab: parseAbOutput(abRun('stuck', 119)), answers: [] };
  const all = [...blocks(2, 1), withMeasurement(block(480, 480, 480), 'candidate', stuck)];
  expect(`\n${throughputLines(comparison(all)).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    /, TLS, one CPU each (3 blocks, seed 42)
                      requests/s  vs prefork 8  interval of the ratio  p50 ms  p95 ms  p99 ms
    prefork 8        481.6 ± 3 %                                           48      55      71
    prefork 8 again  481.6 ± 4 %        ±0.0 %         too few blocks      48      55      71
    event 1 × 25     484.8 ± 1 %        +0.5 %         too few blocks      48      55      71
    inconclusive: nothing may be concluded about event 1 × 25: block 3, candidate: stuck after 37 of 1000 requests: apr_pollset_poll: The timeout specified has expired (70007).
    "
  `);
});

test('nothing measured', () => {
  expect(`\n${throughputLines(comparison([])).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    /, TLS, one CPU each (0 blocks, seed 42)
                     requests/s  vs prefork 8  interval of the ratio  p50 ms  p95 ms  p99 ms
    prefork 8                 –                                            –       –       –
    prefork 8 again           –                                            –       –       –
    event 1 × 25              –                                            –       –       –
    inconclusive: nothing may be concluded about event 1 × 25: the run ended after 0 of at most 12 blocks, before anything could be concluded.
    "
  `);
});

test('while it runs', () => {
  const after = (all: readonly ThroughputBlock[]) =>
    progressLine(nextThroughputStep(all, expected, plan), all.length, plan.mostBlocks, 6.6);
  expect(
    [1, 3, 6].map((number) => after(blocks(number, 0.92))).concat(after(blocks(8, 1.08))),
  ).toMatchInlineSnapshot(`
    [
      "block 1 of at most 12: no ratio yet; at most 73 s left",
      "block 3 of at most 12: ratio 0.918; at most 60 s left",
      "block 6 of at most 12: ratio 0.925, 0.894 to 0.958 (95 % each end); at most 40 s left",
      "block 8 of at most 12: ratio 1.083, 1.051 to 1.115 (95 % each end); within",
    ]
  `);
});
