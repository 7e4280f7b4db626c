import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { compareResults } from '../../helpers/report/compare.ts';
import { jobSummary } from '../../helpers/report/job-summary.ts';
import { junitXml } from '../../helpers/report/junit.ts';
import { pageOfResults } from '../../helpers/report/page/page-of-results.ts';
import type { Results, TestResult } from '../../helpers/report/results.ts';
import { slim } from '../../helpers/report/slim.ts';
import { doubtLines, tableLines } from '../../helpers/report/terminal.ts';
import { disturbanceTableMarkdown } from '../../helpers/report/truth-table-markdown.ts';
import type { DisturbanceRecord } from '../../helpers/verdict/cell-record.ts';
import { disturbanceRecord, disturbedEvidence, outageFacts } from './fixtures/disturbance-record.ts';
import { inconclusive } from './fixtures/heartbeat-record.ts';
import { runOf } from './fixtures/sample-results.ts';

const { plain, amqp } = outageFacts.routes;
if (!plain || !amqp) throw new Error('the fixture has both routes');

const prefork = disturbanceRecord();
const event = disturbanceRecord(
  {
    expected: { verdict: 'recovered', plainMeanwhile: 'all', lost: 'reported' },
    facts: {
      ...outageFacts,
      routes: {
        call: amqp,
        plain: { ...plain, meanwhile: { sent: 2, answered: 2, medianMs: 5, slowestMs: 6 } },
      },
    },
    evidence: {
      ...disturbedEvidence,
      requests: { ...disturbedEvidence.requests, failed: ['/v2.1/call req-1: 504'], maxMs: 9600 },
    },
  },
  { mpm: 'event', processes: 1, threads: 25 },
);
const reloaded = disturbanceRecord({
  disturbance: 'graceful reload',
  verdict: { kind: 'not recovered', reason: '1 of 2 processes answered after it' },
  expected: { verdict: 'recovered', lost: 'nothing', leftBehind: 'nothing' },
  facts: {
    ...outageFacts,
    routes: { plain: { ...plain, meanwhile: { sent: 0, answered: 0 } } },
    replacement: { oldProcesses: [17, 18], left: [17], connectionsLeft: [] },
  },
});
const notPlayed = disturbanceRecord({
  disturbance: 'network silent',
  verdict: inconclusive('waited 30 s'),
  earlier: [inconclusive('late')],
  evidence: undefined,
  facts: undefined,
});

function results(...cells: DisturbanceRecord[]): Results {
  return runOf(
    cells.map(
      (cell): TestResult => ({
        file: 'tests/acceptance/table-outages.test.ts',
        name: 'an outage',
        state: 'passed',
        milliseconds: 1,
        cell,
      }),
    ),
  );
}

const all = results(prefork, event, reloaded, notPlayed);
const text = (lines: readonly string[]) => `\n${stripVTControlCharacters(lines.join('\n'))}\n`;

test('on the terminal, with what could not be told', () => {
  expect(text([...tableLines(all), ...doubtLines(all)])).toMatchInlineSnapshot(`
    "

    deployment    disturbed by     verdict        plain meanwhile  AMQP meanwhile  plain again  AMQP again  slowest  lost              left behind
    prefork 2     broker down      recovered      none of 2        none of 9       0.3 s        2.3 s       0.0 s    nothing           –
    event 1 × 25  broker down      recovered      all 2, 5 ms      none of 9       –            2.3 s       9.6 s    1 of 40 requests  –
    prefork 2     graceful reload  not recovered  –                –               –            –           0.0 s    nothing           1 of 2 processes
    prefork 2     network silent   inconclusive   –                –               –            –           –        –                 –

      tried again       prefork 2, network silent: then inconclusive; at first: late
      could not tell    prefork 2, network silent: waited 30 s
    "
  `);
});

test('as Markdown, and on a job’s page', () => {
  const table = disturbanceTableMarkdown(all);
  expect(table[2]).toMatchInlineSnapshot(
    `"| prefork 2 | broker down | \`recovered\` | none of 2 | none of 9 | 0.3 s | 2.3 s | 0.0 s | nothing | – |"`,
  );
  const summary = jobSummary(all, []);
  expect(summary).toContain(table.join('\n'));
  expect(summary).toContain('an outage: tried again, and then inconclusive; at first: late');
});

test('for JUnit’s readers', () => {
  const cases = [prefork, reloaded].map((cell) => ({
    name: 'an outage',
    milliseconds: 1,
    state: 'passed' as const,
    cell,
  }));
  const xml = junitXml([{ file: 'table-outages.test.ts', milliseconds: 1, cases }]);
  expect(
    xml.match(/<property .*/g)?.map((it) => it.replace(/<property name="(.*)" value="(.*)"\/>/, '$1: $2')),
  ).toMatchInlineSnapshot(`
    [
      "version: 2",
      "verdict: recovered",
      "expected: recovered, nothing lost, none of / answered meanwhile",
      "disturbed by: broker down",
      "plain meanwhile: none of 2",
      "AMQP meanwhile: none of 9",
      "plain again: 0.3 s",
      "AMQP again: 2.3 s",
      "slowest: 0.0 s",
      "lost: nothing",
      "left behind: –",
      "verdict: not recovered",
      "expected: recovered, nothing lost, nothing left behind",
      "reason: 1 of 2 processes answered after it",
      "disturbed by: graceful reload",
      "plain meanwhile: –",
      "AMQP meanwhile: –",
      "plain again: –",
      "AMQP again: –",
      "slowest: 0.0 s",
      "lost: nothing",
      "left behind: 1 of 2 processes",
    ]
  `);
});

test('on the page: a table of its own, with what is not as expected', () => {
  const [table] = pageOfResults(all).records;
  expect(table?.title).toBe('Disturbed in the middle of the traffic');
  expect(table?.rows.map((row) => row.slice(-2))).toMatchInlineSnapshot(`
    [
      [
        "recovered, nothing lost, none of / answered meanwhile",
        "–",
      ],
      [
        "recovered, all of / answered meanwhile",
        "–",
      ],
      [
        "recovered, nothing lost, nothing left behind",
        "the verdict is not recovered (1 of 2 processes answered after it), expected recovered; process 17 has not ended",
      ],
      [
        "recovered, nothing lost, none of / answered meanwhile",
        "could not tell (late traffic): waited 30 s",
      ],
    ]
  `);
});

test('the kept results have no requests of theirs', () => {
  const kept = slim(all).tests.map(({ cell }) => 'evidence' in cell && cell.evidence);
  expect(kept).toHaveLength(all.tests.length);
  expect(kept.filter((it) => it && 'requests' in it && it.requests.all !== undefined)).toEqual([]);
});

describe('two runs', () => {
  const changes = (before: DisturbanceRecord, after: DisturbanceRecord) =>
    compareResults(results(before), results(after)).changes.map(
      ({ rule, subject, before, after, direction }) =>
        `${direction}: ${rule} ${subject}: ${before} → ${after}`,
    );
  const losing = (cell: DisturbanceRecord): DisturbanceRecord => ({
    ...cell,
    evidence: {
      ...disturbedEvidence,
      messages: { ...disturbedEvidence.messages, lost: ['req-1', 'req-2'] },
    },
  });

  test('a deployment that recovers no more, or of which nothing can be told any more', () => {
    const verdict = { kind: 'not recovered', reason: 'why' } as const;
    expect(changes(prefork, prefork)).toEqual([]);
    expect(changes(prefork, { ...prefork, verdict })).toEqual([
      'worse: verdict prefork 2, broker down: recovered, / answered meanwhile: none of 2; lost: nothing → not recovered, why; / answered meanwhile: none of 2; lost: nothing',
    ]);
    expect(changes(prefork, { ...prefork, verdict: inconclusive('late') })).toEqual([
      'worse: verdict prefork 2, broker down: recovered, / answered meanwhile: none of 2; lost: nothing → inconclusive: late',
    ]);
  });

  test('what is lost: worse where nothing may be', () => {
    expect(changes(prefork, losing(prefork))).toEqual([
      'worse: lost prefork 2, broker down: 0 of 40 → 2 of 40',
    ]);
    expect(changes(event, losing(event))).toEqual([
      'no clear change: lost event 1 × 25, broker down: 1 of 40 → 2 of 40',
    ]);
  });
});
