import { trafficWords } from '../../config/scenario.ts';
import { deploymentName } from '../../deployment/deployment.ts';
import type { ConnectionsRecord, HeartbeatRecord, SingleAbRecord } from '../../verdict/cell-record.ts';
import { disturbanceObjections } from '../../verdict/disturbance-expectation.ts';
import { disturbanceExpectationWords } from '../../verdict/disturbance-row.ts';
import { objections } from '../../verdict/expectation.ts';
import { type Expectation, expectationWords, servedName } from '../../verdict/row.ts';
import { partsComparison } from '../compare.ts';
import { disturbanceTable } from '../disturbance-table.ts';
import { count } from '../figures.ts';
import { groupOf, type Results, stateWords, type TestOf, type TestResult, testsOf } from '../results.ts';
import { answerOf, mainPlace, QUESTION } from './answer.ts';
import { cellEvidence } from './cell-evidence.ts';
import type { HeartbeatCell, PageData, RecordTable, RunFacts, TestData } from './page-data.ts';
import { rerunCommand } from './rerun-command.ts';
import { throughputCell } from './throughput-cell.ts';
import { verdictWords } from './verdict-words.ts';

/** All that the page shows of a run. Pure. */
export function pageOfResults(results: Results): PageData {
  const heartbeat = testsOf(results, 'heartbeat');
  return {
    question: QUESTION,
    answer: answerOf(heartbeat.map(({ cell }) => cell)),
    run: runFacts(results),
    claims: results.claims,
    heartbeat: heartbeat.map((test, index) => heartbeatCell(`cell-${index + 1}`, test)),
    throughput: testsOf(results, 'throughput').map((test, index) =>
      throughputCell(`throughput-${index + 1}`, test.cell, testData(test)),
    ),
    records: [
      ...partsTable(results),
      ...disturbedTable(results),
      ...connectionsTable(testsOf(results, 'connections').map(({ cell }) => cell)),
      ...singleAbTable(testsOf(results, 'single ab').map(({ cell }) => cell)),
    ],
  };
}

function heartbeatCell(id: string, test: TestOf<'heartbeat'>): HeartbeatCell {
  const { cell } = test;
  return {
    id,
    group: groupOf(test),
    deployment: servedName(cell),
    scenario: cell.scenario.name,
    traffic: trafficWords(cell.scenario),
    mainPlace: mainPlace(cell),
    test: testData(test),
    verdict: cell.verdict.kind,
    reason: verdictWords(cell),
    expected: wholeExpectation(cell.expected),
    mismatch: test.state === 'failed' ? mismatchOf(cell) : undefined,
    why: cell.why,
    source: cell.source,
    objections: objections(cell),
    earlier: cell.earlier.map((verdict) =>
      verdict.kind === 'inconclusive' ? `inconclusive: ${verdict.reason}` : verdict.kind,
    ),
    evidence: cell.evidence && cellEvidence(cell.evidence),
  };
}

/** The verdict that is asserted, and what is asserted besides. */
function wholeExpectation(expected: Expectation): string {
  const words = [expectationWords(expected), expectationWords({ ...expected, verdict: undefined })];
  return [...new Set(words)].filter((it, index) => index === 0 || it !== 'reported').join('; ');
}

/** The verdict may be right and something else not: the objections say what. */
function mismatchOf({ verdict, expected }: HeartbeatRecord): string {
  const wrong = verdict.kind !== 'inconclusive' && !(expected.verdict?.includes(verdict.kind) ?? true);
  return wrong ? `expected ${expectationWords(expected)}` : 'not as expected';
}

function testData({ file, name, state, milliseconds }: TestResult): TestData {
  return { file, name, state, seconds: milliseconds / 1000, rerun: rerunCommand(file, name) };
}

function runFacts({
  startedAt,
  seconds,
  times,
  machine,
  endedEarly,
  failures = [],
  tests,
}: Results): RunFacts {
  const states = { passed: 0, failed: 0, reported: 0 };
  for (const { state } of tests) if (state !== 'pending') states[state] += 1;
  return {
    startedAt,
    seconds,
    times,
    machine:
      machine && [count(machine.cpus, 'CPU'), machine.model, machine.system].filter(Boolean).join(', '),
    versions: versionsOf([...testsOf({ tests }, 'heartbeat'), ...testsOf({ tests }, 'disturbance')]),
    endedEarly,
    failures: [...failures, ...tests.filter(({ state }) => state === 'pending')].map(
      (it) => `${it.name} (${stateWords(it)})`,
    ),
    states,
  };
}

/** What may matter to the answer; each cell's evidence names all. */
const TOLD_VERSIONS = [
  'Debian',
  'Apache',
  'mod_wsgi',
  'uWSGI',
  'RabbitMQ',
  'oslo.messaging',
  'eventlet',
  'python',
];

function versionsOf(
  tests: readonly TestOf<'heartbeat' | 'disturbance'>[],
): [name: string, version: string][] {
  const versions = new Map<string, Set<string>>(TOLD_VERSIONS.map((name) => [name, new Set()]));
  for (const { cell } of tests) {
    for (const [name, version] of Object.entries(cell.evidence?.server.versions ?? {})) {
      if (version !== null) versions.get(name)?.add(version);
    }
  }
  return [...versions].flatMap(([name, all]) => (all.size > 0 ? [[name, [...all].join(' and ')]] : []));
}

function partsTable(results: Results): RecordTable[] {
  const comparison = partsComparison(results);
  if (!comparison) return [];
  return [
    {
      title: 'What the parts change',
      note: `${count(comparison.cells, 'row')} played without the parts and with them; what is not named here is the same.`,
      head: ['', '', '', 'without', 'with'],
      rows: comparison.changes.map(({ direction, rule, subject, before, after }) => [
        direction,
        rule,
        subject,
        before,
        after,
      ]),
    },
  ];
}

/** What was disturbed, and what became of it; how a cell is not as expected stands in the last column. */
function disturbedTable(results: Results): RecordTable[] {
  const [head, ...rows] = disturbanceTable(results);
  const tests = testsOf(results, 'disturbance');
  if (!head) return [];
  return [
    {
      title: 'Disturbed in the middle of the traffic',
      note: 'The broker goes down, or the network to it falls silent, or the server reloads, while requests come. “Plain” needs no broker. “Again”: after the end of the disturbance.',
      head: [...head, 'expected', 'not as expected'],
      rows: rows.map((row, index) => {
        const cell = tests[index]?.cell;
        return cell
          ? [
              ...row,
              disturbanceExpectationWords(cell.deployment, cell.expected),
              disturbanceObjections(cell).join('; ') || '–',
            ]
          : row;
      }),
    },
  ];
}

function connectionsTable(cells: readonly ConnectionsRecord[]): RecordTable[] {
  if (cells.length === 0) return [];
  return [
    {
      title: 'AMQP connections while the broker drops none',
      note: 'One for each process, whatever the MPM: with a heartbeat so long that no connection dies.',
      head: ['deployment', 'ss in the container', 'listed by the broker', 'opened by its log'],
      rows: cells.map(({ deployment, established, listed, opened }) => [
        deploymentName(deployment),
        `${established}`,
        `${listed}`,
        `${opened ?? '–'}`,
      ]),
    },
  ];
}

function singleAbTable(cells: readonly SingleAbRecord[]): RecordTable[] {
  if (cells.length === 0) return [];
  return [
    {
      title: 'A single pair of ab runs, as the article has it',
      note: 'For the record: one pair of runs decides nothing.',
      head: ['deployment', 'requests/s', 'complete', 'failed', 'not 2xx'],
      rows: cells.map((it) => [
        deploymentName(it.deployment),
        it.requestsPerSecond.toFixed(1),
        `${it.completeRequests}`,
        `${it.failedRequests}`,
        `${it.non2xxResponses}`,
      ]),
    },
  ];
}
