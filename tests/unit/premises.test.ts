import { describe, expect, test } from 'vitest';
import type { Application } from '../../helpers/applications/application.ts';
import { nova } from '../../helpers/applications/nova.ts';
import { stub } from '../../helpers/applications/stub.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { noRequestOnHeartbeatOwner, oneConnectionEach } from '../table/premises.ts';
import { recorded } from './recorded/index.ts';

describe('one connection for each process', () => {
  const evidence = evidenceOf(recorded('event-1x25'));
  const [first] = evidence.connections.all;
  if (!first) throw new Error('the recorded run has no connection');
  const missing = (
    all: typeof evidence.connections.all,
    application: Pick<Application, 'connections'> = stub,
  ) => oneConnectionEach({ ...evidence, connections: { ...evidence.connections, all } }, application);

  test('as it was recorded', () => {
    expect(oneConnectionEach(evidence, stub)).toBeUndefined();
  });

  test('a reconnect is not a second one', () => {
    const dropped = { ...first, endedAt: first.openedAt + 3000, ended: 'dropped by the broker' } as const;
    expect(missing([dropped, { ...first, openedAt: first.openedAt + 3500 }])).toBeUndefined();
  });

  test('two requests that met opened a second one', () => {
    const two = [first, { ...first, openedAt: first.openedAt + 1500 }];
    expect(missing(two)).toBe(
      `two requests met in process ${first.pid}, which had 2 connections 1500 ms after it opened its first; this row needs one request at a time`,
    );
    expect(missing(two, nova)).toBeUndefined();
    expect(missing(two, {})).toBeUndefined();
  });
});

test('a request on the thread that owes the heartbeat matters where there are other threads', () => {
  const evidence = evidenceOf(recorded('event-8x25'));
  const missing = (onHeartbeatOwner: number) =>
    noRequestOnHeartbeatOwner({ ...evidence, requests: { ...evidence.requests, onHeartbeatOwner } });
  expect(missing(2)).toMatch(/^2 requests came back to the very thread/);
  expect(missing(0)).toBeUndefined();
});
