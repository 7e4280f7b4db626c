import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { osloMessages } from '../../helpers/applications/oslo-messaging.ts';
import { dealTurns, TurnsOfRun } from '../../helpers/lab/turns-of-run.ts';
import { parseServedBy } from '../../helpers/traffic/requests.ts';

describe('a message in oslo.messaging’s envelope', () => {
  const sealed = (message: object) => ({
    text: JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) }),
    headers: {},
  });
  const { requestIdOf, replyTo } = osloMessages('nova', ['conductor'], ({ id }) => id as string);

  test('names its request', () => {
    expect(requestIdOf(sealed({ id: 'req-1' }))).toBe('req-1');
  });

  test('is answered in another one, if its sender waits for that', () => {
    expect(replyTo?.(sealed({ id: 'req-1' }), 'req-1')).toBeUndefined();
    const { queue, text } = replyTo?.(sealed({ _msg_id: 'm', _reply_q: 'q' }), 'req-1') ?? {};
    expect(queue).toBe('q');
    expect(JSON.parse(JSON.parse(text ?? '')['oslo.message'])).toMatchObject({
      result: 'req-1',
      failure: null,
      ending: true,
      _msg_id: 'm',
    });
  });
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

  test('a cell is warmed up while the next one starts, and the first one of a run alone', async () => {
    const { workers, told, work } = run();
    const [{ take }] = workers;
    const cell = (name: string) =>
      take('start', async () => {
        await take('container', work(`start of ${name}`, 10));
        await take('warm-up', work(`warm-up of ${name}`, 50));
      });
    await Promise.all([cell('a'), cell('b'), cell('c')]);
    expect(told.filter((it) => it.endsWith('ends'))).toEqual([
      ...['start of a ends', 'warm-up of a ends'],
      ...['start of b ends', 'start of c ends', 'warm-up of b ends', 'warm-up of c ends'],
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

  test('a worker that goes gives back what it holds and what it waits for', async () => {
    const [gone, there] = run().workers;
    const never = () => new Promise<never>(() => undefined);
    await new Promise<void>((begun) => {
      void gone.take('alone', () => {
        begun();
        return never();
      });
    });
    void gone.take('alone', never);
    gone[Symbol.dispose]();
    await expect(there.take('alone', async () => 'next')).resolves.toBe('next');
  });
});
