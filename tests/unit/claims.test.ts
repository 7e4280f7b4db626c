import { describe, expect, test } from 'vitest';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { claims } from '../../helpers/record/claims.ts';
import type { CellRecord, HeartbeatRecord } from '../../helpers/record/record.ts';
import { times } from '../../helpers/rows/traffic.ts';
import { recordedRecord } from './fixtures/recorded-record.ts';
import { heartbeatRecord, inconclusive, withRequests } from './fixtures/row-record.ts';
import { throughputRecord } from './fixtures/throughput-record.ts';

const sentences = {
  afterACall: 'Under prefork the heartbeat error appears after calls, and not before them.',
  onlyUnderPrefork: 'The heartbeat error appears only under prefork.',
  keepsTheConnection: 'Event keeps the connection that prefork loses.',
  fewerConnections: 'Event opens fewer AMQP connections.',
  throughput: 'Event answers 5.6 % fewer requests per second.',
  noChangeNeeded: 'With event no change to oslo.messaging is needed.',
  toBeTestedFirst: 'The switch is optional, and is to be tested in isolation first.',
};

const prefork1 = deployment({ mpm: 'prefork', processes: 1, threads: 1 });
const table: CellRecord[] = [
  recordedRecord('prefork-8'),
  recordedRecord('event-1x25'),
  recordedRecord('event-1x25', { deployment: prefork1 }),
  recordedRecord('event-8x25'),
];
const answers = (cells: readonly CellRecord[]) =>
  Object.fromEntries(claims(cells).map(({ sentence, answer }) => [sentence, answer]));
/** Why a claim has its answer. */
const because = (cells: readonly CellRecord[], sentence: string) =>
  claims(cells).find((claim) => claim.sentence === sentence)?.because;

test('a claim without cells that could decide it is left out', () => {
  expect(claims([])).toEqual([]);
});

describe('the heartbeat', () => {
  test('is judged by the table with its controls', () => {
    expect(answers(table)).toEqual({
      [sentences.afterACall]: 'holds only where',
      [sentences.onlyUnderPrefork]: 'holds',
      [sentences.keepsTheConnection]: 'does not hold',
    });
  });

  test('is as the article says if the controls are left out', () => {
    expect(answers(table.slice(0, 2))).toEqual({
      [sentences.afterACall]: 'holds',
      [sentences.onlyUnderPrefork]: 'holds',
      [sentences.keepsTheConnection]: 'holds',
    });
  });

  test('cannot be judged if one of the cells is inconclusive', () => {
    const unclear = recordedRecord('event-8x25', { verdict: inconclusive('late') });
    expect(answers([...table.slice(0, 3), unclear])).toMatchObject({
      [sentences.onlyUnderPrefork]: 'could not tell',
      [sentences.keepsTheConnection]: 'could not tell',
    });
  });

  test('logs the error not only under prefork if one event deployment logs it', () => {
    const logged = recordedRecord('event-8x25', { verdict: { kind: 'reproduced' } });
    expect(answers([...table, logged])).toMatchObject({ [sentences.onlyUnderPrefork]: 'does not hold' });
  });

  test('logs the error under event as well if every event deployment logs it', () => {
    const logged = recordedRecord('event-8x25', { verdict: { kind: 'reproduced' } });
    expect(answers([recordedRecord('prefork-8'), logged])).toMatchObject({
      [sentences.onlyUnderPrefork]: 'does not hold',
    });
  });

  test('is not judged by an application of the user’s own', () => {
    const own = table.map((cell) => ({
      ...cell,
      deployment: { ...cell.deployment, application: 'order-service' },
    }));
    expect(claims(own as CellRecord[])).toEqual([]);
  });
});

describe('no change to oslo.messaging is needed', () => {
  const event = { mpm: 'event', processes: 8, threads: 25 } as const;
  const dropped = heartbeatRecord(event, { verdict: { kind: 'dropped' } });
  const clean = heartbeatRecord(event);
  const native = (change: Partial<HeartbeatRecord> = {}) =>
    heartbeatRecord({ ...event, heartbeatThread: 'native' }, change);
  const answer = (...cells: CellRecord[]) => answers(cells)[sentences.noChangeNeeded];

  test('holds if event loses no connection', () => {
    expect(answer(clean, native())).toBe('holds');
  });

  test('does not hold if event loses connections that a native heartbeat keeps', () => {
    expect(answer(dropped, native())).toBe('does not hold');
    expect(because([dropped, native()], sentences.noChangeNeeded)).toMatch(
      /event 8 × 25 – dropped.*event 8 × 25, heartbeat in a native thread – clean/,
    );
  });

  test('cannot be judged if a native heartbeat loses connections as well', () => {
    expect(answer(dropped, native({ verdict: { kind: 'dropped' } }))).toBe('could not tell');
  });

  test('cannot be judged if a cell is inconclusive', () => {
    const unclear = native({ verdict: inconclusive('late') });
    expect(answer(dropped, unclear)).toBe('could not tell');
    expect(because([dropped, unclear], sentences.noChangeNeeded)).toMatch(/native thread: late$/);
  });

  test('is left out unless both heartbeats ran under event', () => {
    expect(answer(dropped)).toBeUndefined();
    expect(answer(native())).toBeUndefined();
    expect(answer(heartbeatRecord({ processes: 8 }), native())).toBeUndefined();
  });
});

describe('the switch is to be tested first', () => {
  const burst = (mpm: 'prefork' | 'event', lost: number, change: Partial<HeartbeatRecord> = {}) =>
    heartbeatRecord(
      { mpm, processes: mpm === 'event' ? 1 : 8, threads: mpm === 'event' ? 25 : 1 },
      {
        traffic: times.compressed.traffic.burst,
        evidence: withRequests({ failed: Array(lost).fill('/amqp req-1: no answer') }),
        ...change,
      },
    );
  const answer = (...cells: CellRecord[]) => answers(cells)[sentences.toBeTestedFirst];

  test('holds if event loses requests that prefork answers', () => {
    const cells = [burst('prefork', 0), burst('event', 3)];
    expect(answer(...cells)).toBe('holds');
    expect(because(cells, sentences.toBeTestedFirst)).toMatch(
      /event 1 × 25, burst: 3 of 40; but prefork 8, burst: 0 of 40$/,
    );
  });

  test('cannot be judged if no request was lost', () => {
    expect(answer(burst('prefork', 0), burst('event', 0))).toBe('could not tell');
  });

  test('holds even if the heartbeat could not be judged, because the requests could', () => {
    const cause = 'requests lost';
    const verdict = { ...inconclusive('3 of 40 requests were lost'), cause } as const;
    expect(answer(burst('prefork', 0), burst('event', 3, { verdict }))).toBe('holds');
  });

  test('cannot be judged if a run was invalid', () => {
    const verdict = inconclusive('late');
    expect(answer(burst('prefork', 0, { verdict }), burst('event', 3))).toBe('could not tell');
  });

  test('is left out without a burst or a call under event', () => {
    expect(answer(burst('prefork', 0))).toBeUndefined();
    expect(answer(heartbeatRecord({ mpm: 'event', threads: 25 }))).toBeUndefined();
  });
});

test('event opens fewer connections only where it has fewer processes', () => {
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
  expect(answers(records)).toEqual({ [sentences.fewerConnections]: 'holds only where' });
  const odd = records.map((record) => ({ ...record, opened: 0 }));
  expect(answers(odd)).toEqual({ [sentences.fewerConnections]: 'could not tell' });
});

describe('throughput', () => {
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

  test('cannot be judged by a single pair of runs', () => {
    expect(answers(pair)).toEqual({ [sentences.throughput]: 'could not tell' });
    expect(because(pair, sentences.throughput)).toMatch(/563 and 531 \(-5\.7 %\)$/);
  });

  test.for([
    [1.08, 'does not hold'],
    [0.8, 'does not hold'],
    [0.95, 'holds'],
    [0.905, 'could not tell'],
  ] as const)('is judged by a measured ratio: %s %s', ([ratio, answer]) => {
    expect(answers([...pair, throughputRecord(12, ratio)])).toEqual({ [sentences.throughput]: answer });
  });
});
