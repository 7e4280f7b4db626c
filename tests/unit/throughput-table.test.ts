import { expect, test } from 'vitest';
import type { ThroughputBlock } from '../../helpers/evidence/throughput-block.ts';
import { blockWords } from '../../helpers/execution/compare-throughput.ts';
import { type ThroughputComparison, throughputLines } from '../../helpers/report/text/throughput-table.ts';
import { defaultTerms } from '../../helpers/rows/throughput-terms.ts';
import { estimateSoFar, throughputVerdict } from '../../helpers/verdict/throughput-verdict.ts';
import { block, blocks, expected, stuck, withMeasurement } from './fixtures/throughput-blocks.ts';

function comparison(all: readonly ThroughputBlock[]): ThroughputComparison {
  return {
    id: 'throughput/event-1x25',
    title: '/, TLS, one CPU each',
    names: { baseline: 'prefork 8', baselineAgain: 'prefork 8 again', candidate: 'event 1 × 25' },
    terms: defaultTerms,
    seed: 42,
    blocks: all,
    verdict: throughputVerdict(all, expected, defaultTerms),
  };
}

test('a comparison is shown as a table with a sentence below it', () => {
  expect(`\n${throughputLines(comparison(blocks(10, 1.08))).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    throughput/event-1x25: /, TLS, one CPU each (10 blocks, seed 42)
                      requests/s  vs prefork 8           interval of the ratio  p50 ms  p95 ms  p99 ms
    prefork 8        480.5 ± 3 %                                                    48      55      71
    prefork 8 again  481.9 ± 3 %        +0.3 %  0.969 to 1.038 (95 % each end)      48      55      71
    event 1 × 25     518.4 ± 3 %        +7.7 %  1.024 to 1.133 (95 % each end)      48      55      71
    within: event 1 × 25 answers 1.077 times as many requests as prefork 8, at least 1.024 times with 95 % confidence if containers of one image differ by 3 % or less: it loses nothing.
    "
  `);
});

test('the sentence says which small loss may be missed', () => {
  expect(throughputLines(comparison(blocks(10, 0.97))).at(-1)).toMatchInlineSnapshot(
    `"within: event 1 × 25 answers 0.968 times as many requests as prefork 8, at least 0.920 times with 95 % confidence if containers of one image differ by 3 % or less: it does not lose more than 10 %. With 10 such blocks, a loss below 7.2 % cannot reliably be told from none."`,
  );
});

test('the sentence says how much is lost at least', () => {
  expect(throughputLines(comparison(blocks(10, 0.8))).at(-1)).toMatchInlineSnapshot(
    `"outside: event 1 × 25 answers 0.798 times as many requests as prefork 8, at most 0.839 times with 95 % confidence if containers of one image differ by 3 % or less: it loses more than 10 %. The measurement does not say how much more."`,
  );
});

test('an inconclusive comparison shows what was measured', () => {
  const all = [...blocks(2, 1), withMeasurement(block(480, 480, 480), 'candidate', stuck)];
  expect(`\n${throughputLines(comparison(all)).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    throughput/event-1x25: /, TLS, one CPU each (3 blocks, seed 42)
                      requests/s  vs prefork 8  interval of the ratio  p50 ms  p95 ms  p99 ms
    prefork 8        481.6 ± 3 %                                           48      55      71
    prefork 8 again  481.6 ± 4 %        ±0.0 %         too few blocks      48      55      71
    event 1 × 25     484.8 ± 1 %        +0.5 %         too few blocks      48      55      71
    inconclusive: nothing may be concluded about event 1 × 25: block 3, candidate: stuck after 37 of 1000 requests: apr_pollset_poll: The timeout specified has expired (70007).
    "
  `);
});

test('a comparison without a measurement shows dashes', () => {
  expect(`\n${throughputLines(comparison([])).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    throughput/event-1x25: /, TLS, one CPU each (0 blocks, seed 42)
                     requests/s  vs prefork 8  interval of the ratio  p50 ms  p95 ms  p99 ms
    prefork 8                 –                                            –       –       –
    prefork 8 again           –                                            –       –       –
    event 1 × 25              –                                            –       –       –
    inconclusive: nothing may be concluded about event 1 × 25: the run ended after 0 of 10 blocks.
    "
  `);
});

test('a line for each block says how many are done, the ratio so far, and the time left', () => {
  const after = (number: number) =>
    blockWords(estimateSoFar(blocks(number, 0.92), defaultTerms), number, defaultTerms.mostBlocks, 6.6);
  expect([1, 3, 10].map(after)).toMatchInlineSnapshot(`
    [
      "block 1 of 10: no ratio yet; 60 s left",
      "block 3 of 10: ratio 0.918; 47 s left",
      "block 10 of 10: ratio 0.918, 0.873 to 0.965",
    ]
  `);
});
