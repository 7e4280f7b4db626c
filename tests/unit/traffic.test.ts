import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Turns } from '../../helpers/lab/turns.ts';
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
  test('two start at a time, one warms up at a time, in the order of asking', async () => {
    const { inOrder } = new Turns();
    const told: string[] = [];
    const cell = (name: string) =>
      inOrder('start', async () => {
        told.push(`${name} starts`);
        await sleep(5);
        await inOrder('warm-up', async () => {
          told.push(`${name} warms up`);
          await sleep(20);
        });
      });
    await Promise.all([cell('a'), cell('b'), cell('c')]);
    expect(told).toEqual(['a starts', 'b starts', 'a warms up', 'b warms up', 'c starts', 'c warms up']);
  });

  test('what must be alone waits for all that runs, and what comes later waits for it', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const work = (name: string) => async () => {
      told.push(`${name} begins`);
      await sleep(5);
      told.push(`${name} ends`);
    };
    await Promise.all([turns.shared(work('a')), turns.exclusive(work('alone')), turns.shared(work('b'))]);
    expect(told).toEqual(['a begins', 'a ends', 'alone begins', 'alone ends', 'b begins', 'b ends']);
  });

  test('a turn that fails gives the turn on', async () => {
    const { inOrder } = new Turns();
    const failing = inOrder('warm-up', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    await expect(inOrder('warm-up', async () => 'next')).resolves.toBe('next');
  });
});
