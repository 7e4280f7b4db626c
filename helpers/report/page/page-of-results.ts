import { count } from '../../config/count.ts';
import { deploymentName } from '../../deployment/deployment.ts';
import { type Figures, figuresOf } from '../../record/figures.ts';
import {
  type HeartbeatRecord,
  isConnections,
  isHeartbeat,
  isRow,
  isSingleAb,
  isThroughput,
  type RowRecord,
} from '../../record/record.ts';
import { expectationWords } from '../../rows/expectation.ts';
import { servedWords } from '../../rows/row.ts';
import { trafficWords } from '../../rows/traffic.ts';
import { partsComparison } from '../comparison/run-comparison.ts';
import { groupOf, type Results, stateWords, type TestOf, testsOf } from '../results/results.ts';
import { duration } from '../text/job-summary.ts';
import { REPEATS_NOTE, REPEATS_TITLE, repeatsTable } from '../text/repeats-table.ts';
import { rerunCommand } from '../text/rerun-command.ts';
import { faultColumns, faultRows, tableOfRows } from '../text/table-of-rows.ts';
import { dropsInShort } from '../text/verdict-in-short.ts';
import { cut } from '../text/wrapped.ts';
import { answerOf, mainPlace, QUESTION } from './answer.ts';
import { cellEvidence } from './cell-evidence.ts';
import { comparisonCell } from './comparison-cell.ts';
import type { HeartbeatCell, PageData, RecordTable, RunData, SeenInShort, TestData } from './page-data.ts';
import { figuresSentence, verdictWords } from './verdict-words.ts';

/** Everything that the page shows about a run. */
export function pageOfResults(results: Results): PageData {
  const heartbeat = testsOf(results, isHeartbeat);
  const anchorOf = anchors();
  return {
    question: QUESTION,
    answer: answerOf(heartbeat.map(({ cell }) => cell)),
    run: runData(results),
    claims: results.claims,
    heartbeat: heartbeat.map((test) => heartbeatCell(anchorOf(test.cell), test)),
    throughput: testsOf(results, isThroughput).map((test) =>
      comparisonCell(anchorOf(test.cell), test.cell, testData(test)),
    ),
    records: [
      ...unlessEmpty(repeatedRowsTable(results)),
      ...partsTable(results),
      ...unlessEmpty(faultTable(results, anchorOf)),
      ...unlessEmpty(connectionsTable(results)),
      ...unlessEmpty(singleAbTable(results)),
    ],
  };
}

type AnchorOf = (cell: Pick<RowRecord, 'id'>) => string;

/** Gives each record the id of its row as an anchor, and a number if another record has it. */
function anchors(): AnchorOf {
  const times = new Map<string, number>();
  return ({ id }) => {
    const time = (times.get(id) ?? 0) + 1;
    times.set(id, time);
    return time === 1 ? id : `${id}~${time}`;
  };
}

/** Longer violations are cut in headings. */
const MOST_CHARACTERS = 60;

function heartbeatCell(id: string, test: TestOf<HeartbeatRecord>): HeartbeatCell {
  const { cell, state } = test;
  const [violation = 'the test failed'] = cell.violations;
  const figures = figuresOf(cell);
  return {
    id,
    group: groupOf(test),
    deployment: servedWords(cell),
    traffic: cell.traffic.name,
    trafficWords: trafficWords(cell.traffic),
    mainPlace: mainPlace(cell),
    test: testData(test),
    verdict: cell.verdict.kind as HeartbeatCell['verdict'],
    reason: verdictWords(cell),
    expected: expectationWords(cell.expect),
    mismatch: state === 'failed' ? cut(violation.split('\n')[0] as string, MOST_CHARACTERS) : undefined,
    why: cell.why,
    source: cell.source,
    violations: cell.violations,
    earlier: cell.earlier.map(({ verdict }) =>
      verdict.kind === 'inconclusive' ? `inconclusive: ${verdict.reason}` : verdict.kind,
    ),
    seen: figures && seenInShort(figures),
    evidence: cell.evidence && cellEvidence(cell.evidence),
  };
}

function seenInShort(figures: Figures): SeenInShort {
  const { sent, failed } = figures.requests;
  return { sentence: figuresSentence(figures), dropWords: dropsInShort(figures), sent, lost: failed };
}

function testData({ file, state, cell }: TestOf<RowRecord>): TestData {
  return { state, rerun: rerunCommand(file, cell.repetition?.of ?? cell.id) };
}

function unlessEmpty(table: RecordTable): RecordTable[] {
  return table.rows.length === 0 ? [] : [table];
}

function repeatedRowsTable(results: Results): RecordTable {
  const [head = [], ...rows] = repeatsTable(results);
  return { title: REPEATS_TITLE, note: REPEATS_NOTE, head, rows };
}

function runData({ startedAt, seconds, times, machine, endedEarly, failures = [], tests }: Results): RunData {
  const states = { passed: 0, failed: 0, informational: 0 };
  for (const { state } of tests) if (state !== 'pending') states[state] += 1;
  return {
    startedAt,
    took: duration(seconds),
    times,
    machine:
      machine && [count(machine.cpus, 'CPU'), machine.model, machine.system].filter(Boolean).join(', '),
    versions: versionsOf(testsOf({ tests }, isRow)),
    endedEarly,
    failures: [...failures, ...tests.filter(({ state }) => state === 'pending')].map(
      (test) => `${test.name} (${stateWords(test)})`,
    ),
    states,
  };
}

/** The versions that may matter to the answer; the evidence of each row has all. */
const SHOWN_VERSIONS = [
  'Debian',
  'Apache',
  'mod_wsgi',
  'uWSGI',
  'RabbitMQ',
  'oslo.messaging',
  'eventlet',
  'python',
];

function versionsOf(tests: readonly TestOf<RowRecord>[]): [name: string, version: string][] {
  const reported = tests.map(({ cell }) => figuresOf(cell)?.versions ?? {});
  return SHOWN_VERSIONS.flatMap((name): [name: string, version: string][] => {
    const versions = [...new Set(reported.flatMap((all) => all[name] ?? []))];
    return versions.length > 0 ? [[name, versions.join(' and ')]] : [];
  });
}

function partsTable(results: Results): RecordTable[] {
  const comparison = partsComparison(results);
  if (!comparison) return [];
  return [
    {
      title: 'What the parts change',
      note: `${count(comparison.cells, 'row')} executed without the parts and with them. Everything that is not listed is the same.`,
      head: ['', '', '', 'without', 'with'],
      rows: comparison.changes.map((change) => [
        change.direction,
        change.rule,
        change.subject,
        change.before,
        change.after,
      ]),
    },
  ];
}

function faultTable(results: Results, anchorOf: AnchorOf): RecordTable {
  const [head = [], ...rows] = tableOfRows(results, faultRows, faultColumns);
  const cells = testsOf(results, faultRows.is).map(({ cell }) => cell);
  return {
    title: 'With a fault in the middle of the traffic',
    note: 'The broker goes down, the network falls silent, or the server reloads, while requests arrive. “Meanwhile”: answers during the fault. “Again”: how long after the fault the next answer came. Plain requests need no broker.',
    head: [...head, 'expected', 'violations'],
    rows: cells.map(({ expect, violations }, index) => [
      ...(rows[index] ?? []),
      expectationWords(expect),
      violations.join('; ') || '–',
    ]),
    ids: cells.map(anchorOf),
  };
}

function connectionsTable(results: Results): RecordTable {
  return {
    title: 'AMQP connections while the broker drops none',
    note: 'One for each process, whatever the MPM: with a heartbeat so long that no connection dies.',
    head: ['deployment', 'ss in the container', 'listed by the broker', 'opened, according to its log'],
    rows: testsOf(results, isConnections).map(({ cell }) => [
      deploymentName(cell.deployment),
      ...[cell.established, cell.listed, cell.opened ?? '–'].map(String),
    ]),
  };
}

function singleAbTable(results: Results): RecordTable {
  return {
    title: 'A single pair of ab runs, as the article has it',
    note: 'For the record: one pair of runs decides nothing.',
    head: ['deployment', 'requests/s', 'complete', 'failed', 'not 2xx'],
    rows: testsOf(results, isSingleAb).map(({ cell }) => [
      deploymentName(cell.deployment),
      cell.requestsPerSecond.toFixed(1),
      ...[cell.completeRequests, cell.failedRequests, cell.non2xxResponses].map(String),
    ]),
  };
}
