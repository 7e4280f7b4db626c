import { expect, test } from 'vitest';
import { evidenceOf } from '../../helpers/evidence/evidence.ts';
import { noRequestOnHeartbeatOwner, oneConnectionEach } from '../table/premises.ts';
import { recorded } from './recorded/index.ts';

const event1x25 = evidenceOf(recorded('event-1x25'));
const event8x25 = evidenceOf(recorded('event-8x25'));

test('one process that had one connection at a time', () => {
  expect(oneConnectionEach(event1x25)).toBeUndefined();
});

test('a reconnect is not a second connection', () => {
  const [first] = event1x25.connections.all;
  if (!first) throw new Error('the recorded run has no connection');
  const dropped = { ...first, endedAt: first.openedAt + 3000, ended: 'dropped by the broker' } as const;
  const after = { ...first, openedAt: first.openedAt + 3500 };
  const all = [dropped, after];
  expect(oneConnectionEach({ ...event1x25, connections: { ...event1x25.connections, all } })).toBeUndefined();
});

test('two requests that met opened a second connection', () => {
  const [first] = event1x25.connections.all;
  if (!first) throw new Error('the recorded run has no connection');
  const all = [first, { ...first, openedAt: first.openedAt + 1500 }];
  expect(oneConnectionEach({ ...event1x25, connections: { ...event1x25.connections, all } })).toBe(
    `two requests met in process ${first.pid}, which opened a second connection 1500 ms after the first; this row needs one request at a time`,
  );
});

test('a request on the thread that owes the heartbeat matters where there are other threads', () => {
  const withOwner = { ...event8x25, requests: { ...event8x25.requests, onHeartbeatOwner: 2 } };
  expect(noRequestOnHeartbeatOwner(withOwner)).toMatch(/^2 requests came back to the very thread/);
  expect(
    noRequestOnHeartbeatOwner({ ...withOwner, requests: { ...withOwner.requests, onHeartbeatOwner: 0 } }),
  ).toBeUndefined();
});
