import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { FaultRecord } from '../../helpers/record/record.ts';
import { compareResults } from '../../helpers/report/comparison/run-comparison.ts';
import { pageOfResults } from '../../helpers/report/page/page-of-results.ts';
import { doubtLines, tableLines } from '../../helpers/report/terminal/terminal.ts';
import { jobSummary } from '../../helpers/report/text/job-summary.ts';
import { faultsMarkdown } from '../../helpers/report/text/rows-markdown.ts';
import { resultsWith } from './fixtures/results-with.ts';
import {
  earlierExecution,
  faultEvidence,
  faultRecord,
  inconclusive,
  outageFacts,
} from './fixtures/row-record.ts';

const { plain, amqp } = outageFacts.routes;
if (!plain || !amqp) throw new Error('the fixture has both routes');

const recovered = {
  verdict: ['recovered'],
  requests: 'all answered',
  messages: 'all arrive',
  slowed: 'any',
} as const;
const prefork = faultRecord();
const event = faultRecord(
  { mpm: 'event', processes: 1, threads: 25 },
  {
    expect: { ...recovered, requests: 'any', messages: 'any', plainDuringFault: 'all' },
    faultFacts: {
      ...outageFacts,
      routes: {
        call: amqp,
        plain: { ...plain, meanwhile: { sent: 2, answered: 2, medianMs: 5, slowestMs: 6 } },
      },
    },
    evidence: {
      ...faultEvidence,
      requests: { ...faultEvidence.requests, failed: ['/v2.1/call req-1: 504'], maxMs: 9600 },
    },
  },
);
const reloaded = faultRecord(
  {},
  {
    fault: 'graceful reload',
    verdict: { kind: 'not recovered', reason: '1 of 2 processes answered after it' },
    expect: { ...recovered, leftBehind: 'nothing' },
    faultFacts: {
      ...outageFacts,
      routes: { plain: { ...plain, meanwhile: { sent: 0, answered: 0 } } },
      replacement: { oldProcesses: [17, 18], left: [17], connectionsLeft: [] },
    },
  },
);
const notExecuted = faultRecord(
  {},
  {
    fault: 'network silent',
    verdict: inconclusive('waited 30 s'),
    earlier: [earlierExecution('late')],
    evidence: undefined,
    faultFacts: undefined,
  },
);

const all = resultsWith(prefork, event, reloaded, notExecuted);
const text = (lines: readonly string[]) => `\n${stripVTControlCharacters(lines.join('\n'))}\n`;

test('the terminal shows a table of the rows with a fault, and what could not be judged', () => {
  expect(text([...tableLines(all), ...doubtLines(all)])).toMatchInlineSnapshot(`
    "

    row                             deployment    fault            verdict        plain meanwhile  AMQP meanwhile  plain again  AMQP again  slowest  lost              left behind
    test/prefork-2-broker-down      prefork 2     broker down      recovered      none of 2        none of 9       0.3 s        2.3 s       0.0 s    nothing           –
    test/event-1x25-broker-down     event 1 × 25  broker down      recovered      all 2, 5 ms      none of 9       –            2.3 s       9.6 s    1 of 40 requests  –
    test/prefork-2-graceful-reload  prefork 2     graceful reload  not recovered  –                –               –            –           0.0 s    nothing           1 of 2 processes
    test/prefork-2-network-silent   prefork 2     network silent   inconclusive   –                –               –            –           –        –                 –

      executed again    test/prefork-2-network-silent: at first: late; then: inconclusive
      could not tell    test/prefork-2-network-silent: waited 30 s
    "
  `);
});

test('Markdown and a job’s summary have the same table', () => {
  const table = faultsMarkdown(all);
  expect(table[2]).toMatchInlineSnapshot(
    `"| \`test/prefork-2-broker-down\` | prefork 2 | broker down | \`recovered\` | none of 2 | none of 9 | 0.3 s | 2.3 s | 0.0 s | nothing | – |"`,
  );
  const summary = jobSummary(all, []);
  expect(summary).toContain(table.join('\n'));
  expect(summary).toMatch(/`test\/prefork-2-network-silent`: at first: late; then: inconclusive$/m);
});

test('the page has a table of the rows with a fault, with their violations and anchors', () => {
  const [table] = pageOfResults(all).records;
  expect(table?.title).toMatch(/fault/);
  expect(table?.ids).toEqual(all.tests.map(({ cell }) => (cell as FaultRecord).id));
  expect(table?.rows.map((row) => row.at(-2))).toEqual([
    'recovered, none answered on the plain route meanwhile',
    'recovered, all answered on the plain route meanwhile',
    'recovered, nothing left behind',
    'recovered, none answered on the plain route meanwhile',
  ]);
  expect(table?.rows.map((row) => row.at(-1))).toEqual(
    [prefork, event, reloaded, notExecuted].map(({ violations }) => violations.join('; ') || '–'),
  );
  expect(reloaded.violations).toContainEqual(expect.stringMatching(/not recovered .* recovered$/));
  expect(notExecuted.violations).toEqual(['could not tell (late traffic): waited 30 s']);
});

describe('a comparison of two runs', () => {
  const changes = (before: FaultRecord, after: FaultRecord) =>
    compareResults(resultsWith(before), resultsWith(after)).changes.map(
      ({ rule, subject, before, after, direction }) =>
        `${direction}: ${rule} ${subject}: ${before} → ${after}`,
    );
  const losing = (cell: FaultRecord): FaultRecord => ({
    ...cell,
    evidence: { ...faultEvidence, messages: { ...faultEvidence.messages, lost: ['req-1', 'req-2'] } },
  });
  const id = 'test/prefork-2-broker-down';

  test('finds nothing in equal rows', () => {
    expect(changes(prefork, prefork)).toEqual([]);
  });

  test.for([
    ['a row that no longer recovers', { kind: 'not recovered', reason: 'why' }, 'not recovered, why; '],
    ['a row that can no longer be judged', inconclusive('late'), 'inconclusive: late'],
  ] as const)('finds %s worse', ([, verdict, after]) => {
    const changed = changes(prefork, faultRecord({}, { verdict }));
    expect(changed).toHaveLength(1);
    expect(changed[0]).toMatch(new RegExp(`^worse: verdict ${id}: recovered, .* none of 2; .* → ${after}`));
  });

  test('finds more losses worse only if the row allows none', () => {
    expect(changes(prefork, losing(prefork))).toEqual([
      `worse: lost ${id}: 0 of 40 messages → 2 of 40 messages`,
    ]);
    expect(changes(event, losing(event))).toEqual([
      'no clear change: lost test/event-1x25-broker-down: 1 of 40 → 0 of 40',
      'no clear change: lost test/event-1x25-broker-down: 0 of 40 messages → 2 of 40 messages',
    ]);
  });
});
