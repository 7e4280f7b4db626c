import { expect, test } from 'vitest';
import { jobSummary, jobUrl } from '../../helpers/report/text/job-summary.ts';
import { markdownBlock, markdownText } from '../../helpers/report/text/markdown.ts';
import { resultsWith } from './fixtures/results-with.ts';
import { droppedRecord, heartbeatRecord, inconclusive, reproducedRecord } from './fixtures/row-record.ts';
import { throughputRecord } from './fixtures/throughput-record.ts';

const late = inconclusive('a line with | a pipe, `ticks` and <script>alert(1)</script>');
const results = {
  ...resultsWith(
    heartbeatRecord({}, { earlier: [{ verdict: late, findings: [] }] }),
    reproducedRecord(),
    { cell: droppedRecord(), state: 'informational' },
    throughputRecord(8, 1.08),
  ),
  seconds: 193,
};

test('a job’s summary has the counts, what failed, the claims, the verdicts and the throughput', () => {
  const outcomes = [
    { name: 'prefork 1: clean', state: 'passed' },
    {
      name: 'event 8 × 25: dropped',
      state: 'failed',
      errors: ['should be dropped\n``` <b>late</b>'],
    },
    { name: 'event 8 × 25, burst: informational', state: 'informational' },
    { name: 'another', state: 'skipped' },
  ];
  expect(
    `\n${jobSummary(results, outcomes, 'https://example.org/o/r/actions/runs/1')}`,
  ).toMatchInlineSnapshot(`
    "
    ## Does Apache’s MPM decide whether the heartbeat dies?

    **1 passed, 1 failed**, 1 informational (nothing is asserted about the outcome), 1 skipped, in 3 min 13 s (compressed times).

    ### Failed

    **event 8 × 25: dropped**

    \`\`\`\`text
    should be dropped
    \`\`\` <b>late</b>
    \`\`\`\`

    ### Executed again, alone

    - \`test/prefork-1\`: at first: a line with \\| a pipe, \\\`ticks\\\` and \\<script\\>alert(1)\\</script\\>; then: clean

    ### The article’s claims

    |  | claim | because |
    | --- | --- | --- |
    | holds only where | Under prefork the heartbeat error appears after calls, and not before them. | enough processes share the traffic: prefork 8 – reproduced, 2 drops (1 logged by heartbeat, 1 by nobody); but prefork 1 – clean, 0 drops |
    | holds | The heartbeat error appears only under prefork. | where the MPM runs the application, the heartbeat logs the error under no other MPM |
    | does not hold | Event keeps the connection that prefork loses. | event loses connections too, with as many processes as prefork or as little traffic for each: event 8 × 25 – dropped, 2 drops (1 logged by request, 1 by nobody); requests slowed by a reconnect: 1 |
    | does not hold | Event answers 5.6 % fewer requests per second. | event 1 × 25, 1 CPU answers 1.083 times as many (1.028 to 1.141, 8 blocks) |

    ### Verdicts

    | row | deployment | traffic | verdict | drops | logged by heartbeat | by request | by nobody | requests slowed | requests slow otherwise | requests lost |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | \`test/prefork-1\` | prefork 1 | trickle | \`clean\` | 0 | 0 | 0 | 0 | 0 | 0 | 0 |
    | \`test/prefork-8\` | prefork 8 | trickle | \`reproduced\` | 2 | 1 | 0 | 1 | 0 | 0 | 0 |
    | \`test/event-8x25\` | event 8 × 25 | trickle | \`dropped\` (informational) | 2 | 0 | 1 | 1 | 1 by 1.03 s | 1 by 1.20 s | 0 |

    ### Throughput

    - \`throughput/event-1x25\`: \`within\` (/, TLSv1.2, 1 CPU each, ab -n 1000 -c 10): event 1 × 25 answers 1.083 times as many requests as prefork 8, at least 1.028 times with 95 % confidence if containers of one image differ by 3 % or less: it loses nothing.

    Everything that was observed is in an artifact of [this run](https://example.org/o/r/actions/runs/1#artifacts): index.html (opens without a network), results.json, junit.xml, and the logs of the rows that failed.
    "
  `);
});

test('text from a log never becomes markup', () => {
  expect(markdownText('a|b <script> `x` **y** \\ [z](u) &amp;\n\u001b[31mred')).toBe(
    'a\\|b \\<script\\> \\`x\\` \\*\\*y\\*\\* \\\\ \\[z\\](u) &amp;amp; \\[31mred',
  );
  expect(markdownBlock(['````', 'x'])).toEqual(['`````text', '````', 'x', '`````']);
});

test('the run is linked if the environment names it', () => {
  expect(jobUrl({})).toBeUndefined();
  expect(
    jobUrl({ GITHUB_SERVER_URL: 'https://example.org', GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '1' }),
  ).toBe('https://example.org/o/r/actions/runs/1');
});
