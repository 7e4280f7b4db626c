import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { probe } from '../../helpers/config/probe.ts';
import type { RequestRecord } from '../../helpers/evidence/request-record.ts';
import { type Phase, times } from '../../helpers/rows/traffic.ts';
import type { HttpClient } from '../../helpers/traffic/requests.ts';
import { sendTraffic } from '../../helpers/traffic/send-traffic.ts';

const ANSWER_MS = 60;

/** A client whose answers take {@link ANSWER_MS}. */
function slowClient(): Pick<HttpClient, 'send' | 'now'> {
  return {
    now: () => Date.now(),
    send: async ({ path }: { path: string }, dueAt = 0): Promise<RequestRecord> => {
      const sentAt = Date.now();
      await sleep(ANSWER_MS);
      return { id: '', path, dueAt, sentAt, endedAt: Date.now(), status: 200 };
    },
  };
}

async function send(...phases: Phase[]): Promise<{ paths: string[]; gaps: number[] }> {
  const traffic = { ...times.compressed.traffic.trickle, phases };
  const records = await sendTraffic(slowClient() as unknown as HttpClient, stub, traffic);
  const [first] = records;
  return {
    paths: records.map(({ path }) => path),
    gaps: records.map(({ dueAt }) => Math.round((dueAt - (first?.dueAt ?? 0)) / 10) * 10),
  };
}

const four = { route: 'amqp', requests: 4 } as const;

test.for<[string, Phase[], number[]]>([
  ['an open loop does not wait for answers', [{ ...four, intervalMs: 20 }], [0, 20, 40, 60]],
  ['requests of a burst are due together', [{ ...four, atOnce: 2, intervalMs: 30 }], [0, 0, 30, 30]],
  [
    'a phase begins when the last request has had its interval',
    [
      { route: 'amqp', requests: 1, intervalMs: 30 },
      { route: 'yield', requests: 2, intervalMs: 20 },
    ],
    [0, 30, 50],
  ],
])('%s', async ([, phases, gaps]) => {
  expect((await send(...phases)).gaps).toEqual(gaps);
});

test('a closed loop waits for each answer', async () => {
  const { gaps } = await send({ route: 'call', requests: 3, intervalMs: 0, oneAtATime: true });
  expect(gaps[1]).toBeGreaterThanOrEqual(ANSWER_MS - 10);
  expect(gaps[2]).toBeGreaterThanOrEqual(2 * ANSWER_MS - 20);
});

const { amqp, plain } = stub.routes;

test.for<[string, Phase[], string[]]>([
  [
    'the route of its phase',
    [
      { route: 'amqp', requests: 1, intervalMs: 1 },
      { route: 'yield', requests: 1, intervalMs: 1 },
    ],
    [amqp.path, probe.routes.yield],
  ],
  [
    'another route, every fourth',
    [{ ...four, requests: 5, intervalMs: 1, everyFourth: 'plain' }],
    [amqp.path, amqp.path, amqp.path, plain.path, amqp.path],
  ],
])('a request goes to %s', async ([, phases, paths]) => {
  expect((await send(...phases)).paths).toEqual(paths);
});
