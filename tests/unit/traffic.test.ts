import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dealTurns, TurnsOfRun } from '../../helpers/lab/turns-of-run.ts';
import { envelope, openEnvelope } from '../../helpers/traffic/conductor.ts';
import { parseServedBy } from '../../helpers/traffic/requests.ts';

test('oslo.messaging’s envelope is opened as it was closed', () => {
  const message = { method: 'service_list', args: { request_id: 'req-1' }, _msg_id: 'm', _reply_q: 'q' };
  const content = envelope(message);
  expect(JSON.parse(content.toString())).toEqual({
    'oslo.version': '2.0',
    'oslo.message': expect.any(String),
  });
  expect(openEnvelope(content)).toMatchObject(message);
});

test.for([
  ['12/34/', { pid: 12, thread: 34, heartbeatOwners: [] }],
  ['12/34/34,56', { pid: 12, thread: 34, heartbeatOwners: [34, 56] }],
  ['nginx', undefined],
  [undefined, undefined],
] as const)('X-Served-By %o', ([header, expected]) => {
  expect(parseServedBy(header)).toEqual(expected);
});

describe('turns', () => {
  /** A run's turns as its workers see them. */
  function run() {
    const runId = randomUUID();
    const dealing = dealTurns(runId);
    const workers = [new TurnsOfRun(runId), new TurnsOfRun(runId)] as const;
    onTestFinished(() => {
      for (const it of [dealing, ...workers]) it[Symbol.dispose]();
    });
    const told: string[] = [];
    const work = (name: string, ms: number) => async () => {
      told.push(`${name} begins`);
      await sleep(ms);
      told.push(`${name} ends`);
    };
    return { workers, told, work };
  }

  test('a cell is warmed up while the next one starts, and no other, in the order of asking', async () => {
    const { workers, told, work } = run();
    const cell = ({ take }: TurnsOfRun, name: string) =>
      take('start', async () => {
        await take('container', work(`${name}'s start`, 10));
        await take('warm-up', work(`${name}'s warm-up`, 50));
      });
    const [here, there] = workers;
    await Promise.all([cell(here, 'a'), cell(there, 'b'), cell(here, 'c')]);
    expect(told).toEqual([
      "a's start begins",
      "a's start ends",
      ...["a's warm-up begins", "b's start begins", "b's start ends", "a's warm-up ends"],
      ...["b's warm-up begins", "c's start begins", "c's start ends", "b's warm-up ends"],
      "c's warm-up begins",
      "c's warm-up ends",
    ]);
  });

  test('what must be alone waits for all that runs, and what comes later waits for it; last is last', async () => {
    const { workers, told, work } = run();
    const [here, there] = workers;
    await Promise.all([
      here.take('beside others', work('a', 20)),
      there.take('last', work('last', 5)),
      here.take('alone', work('alone', 20)),
      sleep(30).then(() => there.take('beside others', work('b', 5))),
    ]);
    expect(told).toEqual(['a', 'alone', 'b', 'last'].flatMap((it) => [`${it} begins`, `${it} ends`]));
  });

  test('a turn that fails gives the turn on', async () => {
    const [{ take }] = run().workers;
    await expect(take('alone', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(take('alone', async () => 'next')).resolves.toBe('next');
  });
});
