import { expect, test } from 'vitest';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import type { CellRecord, HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { claims } from '../../helpers/verdict/claims.ts';
import { heartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';
import { expecting, inconclusive } from './fixtures/heartbeat-record.ts';
import { throughputRecord } from './fixtures/throughput-record.ts';
import { recorded } from './recorded/index.ts';

function record(
  name: Parameters<typeof recorded>[0],
  change: Partial<HeartbeatRecord> = {},
): HeartbeatRecord {
  const seen = recorded(name);
  const evidence = evidenceOf(seen);
  const verdict = heartbeatVerdict(seen.deployment, seen.scenario, evidence);
  const { deployment, scenario } = seen;
  return {
    kind: 'heartbeat',
    deployment,
    scenario,
    expected: expecting('clean'),
    why: '',
    earlier: [],
    verdict,
    evidence,
    ...change,
  };
}

const prefork1 = deployment({ mpm: 'prefork', processes: 1, threads: 1 });
const table: CellRecord[] = [
  record('prefork-8'),
  record('event-1x25'),
  record('event-1x25', { deployment: prefork1 }),
  record('event-8x25'),
];
const answers = (cells: readonly CellRecord[]) =>
  Object.fromEntries(claims(cells).map(({ sentence, answer }) => [sentence, answer]));

test('the table with its controls', () => {
  expect(answers(table)).toEqual({
    'Under prefork the heartbeat error appears after calls, and not before them.': 'holds only where',
    'The heartbeat error appears only under prefork.': 'holds',
    'Event keeps the connection that prefork loses.': 'does not hold',
  });
});

test('without the controls the article is right', () => {
  expect(answers(table.slice(0, 2))).toEqual({
    'Under prefork the heartbeat error appears after calls, and not before them.': 'holds',
    'The heartbeat error appears only under prefork.': 'holds',
    'Event keeps the connection that prefork loses.': 'holds',
  });
});

test('one cell that could not be told leaves the claims open that it bears on', () => {
  const unclear = record('event-8x25', { verdict: inconclusive('late') });
  expect(answers([...table.slice(0, 3), unclear])).toMatchObject({
    'The heartbeat error appears only under prefork.': 'could not tell',
    'Event keeps the connection that prefork loses.': 'could not tell',
  });
});

test('one event deployment that logs the line limits the claim', () => {
  const logged = record('event-8x25', { verdict: { kind: 'reproduced' } });
  expect(answers([...table, logged])).toMatchObject({
    'The heartbeat error appears only under prefork.': 'holds only where',
  });
});

test('connections: fewer where there are fewer processes', () => {
  const cells = [
    { mpm: 'prefork', processes: 8, threads: 1 },
    { mpm: 'event', processes: 1, threads: 25 },
    { mpm: 'event', processes: 8, threads: 25 },
  ] as const;
  const records: CellRecord[] = cells.map((row) => ({
    kind: 'connections',
    deployment: deployment(row),
    established: row.processes,
    listed: row.processes,
    opened: row.processes,
  }));
  expect(answers(records)).toEqual({ 'Event opens fewer AMQP connections.': 'holds only where' });
  const odd = records.map((it) => ({ ...it, opened: 0 }));
  expect(answers(odd)).toEqual({ 'Event opens fewer AMQP connections.': 'could not tell' });
});

const single = (mpm: 'prefork' | 'event', requestsPerSecond: number): CellRecord => ({
  kind: 'single ab',
  deployment: deployment({ mpm, processes: 1, threads: 1 }),
  command: 'ab',
  requestsPerSecond,
  completeRequests: 1000,
  failedRequests: 0,
  non2xxResponses: 0,
});
const pair = [single('prefork', 563), single('event', 531)];

test('throughput: a single pair decides nothing', () => {
  expect(claims(pair)).toEqual([
    {
      sentence: 'Event answers 5.6 % fewer requests per second.',
      answer: 'could not tell',
      because: 'one pair of runs decides nothing; here it gave 563 and 531 (-5.7 %)',
    },
  ]);
});

test.for([
  [1.08, 'does not hold'],
  [0.8, 'does not hold'],
  [0.95, 'holds'],
  [0.905, 'could not tell'],
] as const)('throughput: a measured ratio of %s decides: %s', ([ratio, answer]) => {
  expect(claims([...pair, throughputRecord(12, ratio)])).toMatchObject([{ answer }]);
});
