import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { stub } from '../../helpers/applications/stub.ts';
import { times } from '../../helpers/rows/traffic.ts';
import { HttpClient, parseServedBy } from '../../helpers/traffic/requests.ts';
import { sendTraffic } from '../../helpers/traffic/send-traffic.ts';
import { listening } from './fixtures/listening.ts';

const steady = () => Math.round(performance.timeOrigin + performance.now());

/** A client of a server that answers everything after a moment. */
async function served(answerMs = 0): Promise<HttpClient> {
  const server = createServer((_, response) => void sleep(answerMs).then(() => response.end('{}')));
  const client = new HttpClient(`http://127.0.0.1:${await listening(server)}`, steady);
  onTestFinished(() => client[Symbol.asyncDispose]());
  return client;
}

/** Keeps this thread from all else. */
function busyFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('a request counts as sent when it is written, so a busy suite is late and the answer is not slow', async () => {
  const client = await served();
  const sent = client.send({ path: '/' });
  busyFor(1000);
  const { dueAt, sentAt, endedAt, status } = await sent;
  expect(status).toBe(200);
  expect(sentAt - dueAt).toBeGreaterThanOrEqual(995);
  expect(endedAt - sentAt).toBeLessThan(800);
});

test('the time of an answer counts from when the request was sent', async () => {
  const { sentAt, endedAt } = await (await served(200)).send({ path: '/' });
  expect(endedAt - sentAt).toBeGreaterThanOrEqual(195);
});

test('a request that is never written counts as sent when its connection was asked for', async () => {
  const client = new HttpClient('http://127.0.0.1:1', steady);
  const before = steady();
  const { sentAt, endedAt, failure } = await client.send({ path: '/' });
  expect(failure).toBe('ECONNREFUSED');
  expect(sentAt - before).toBeLessThan(100);
  expect(endedAt).toBeGreaterThanOrEqual(sentAt);
});

test.for([
  3_600_000, -3_600_000,
])('a clock that is set by %s ms during a request does not change its times', async (by) => {
  const client = await served();
  const { send } = client;
  const began = performance.now();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  vi.spyOn(client, 'send').mockImplementation((...request) => {
    vi.setSystemTime(Date.now() + by);
    return send.apply(client, request);
  });
  const phases = [{ route: 'amqp', requests: 3, intervalMs: 40 }] as const;
  const traffic = { ...times.compressed.traffic.trickle, phases };
  const records = await sendTraffic(client, stub, traffic);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(records.map(({ dueAt }) => dueAt - (records[0]?.dueAt ?? 0))).toEqual([0, 40, 80]);
  for (const { dueAt, sentAt, endedAt } of records) {
    expect(Math.abs(sentAt - dueAt)).toBeLessThan(5000);
    expect(Math.abs(endedAt - sentAt)).toBeLessThan(5000);
  }
});

test.for([
  ['12/34/', { pid: 12, thread: 34, heartbeatOwners: [] }],
  ['12/34/34,56', { pid: 12, thread: 34, heartbeatOwners: [34, 56] }],
  ['nginx', undefined],
  [undefined, undefined],
] as const)('the header X-Served-By: %s is understood', ([header, expected]) => {
  expect(parseServedBy(header)).toEqual(expected);
});
