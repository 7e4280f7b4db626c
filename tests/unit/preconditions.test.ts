import { describe, expect, test } from 'vitest';
import type { Application } from '../../helpers/applications/application.ts';
import { nova } from '../../helpers/applications/nova.ts';
import { stub } from '../../helpers/applications/stub.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import { unmetPrecondition } from '../../helpers/verdict/preconditions.ts';
import { expecting } from './fixtures/row-record.ts';
import { recorded } from './recorded/index.ts';

const seen = recorded('event-1x25');
const evidence = evidenceOf(seen);
const [first] = evidence.connections.all;
if (!first) throw new Error('the recorded run has no connection');

describe('one request at a time', () => {
  const doubtOf = (
    all: Evidence['connections']['all'],
    application: Pick<Application, 'connections'> = stub,
  ) =>
    unmetPrecondition(
      ['one request at a time'],
      { ...evidence, connections: { ...evidence.connections, all } },
      application,
    );

  test('is met by a run with one connection in each process', () => {
    expect(doubtOf(evidence.connections.all)).toBeUndefined();
  });

  test('is met by a reconnect: the first connection has ended', () => {
    const dropped = { ...first, endedAt: first.openedAt + 3000, ended: 'dropped by the broker' } as const;
    expect(doubtOf([dropped, { ...first, openedAt: first.openedAt + 3500 }])).toBeUndefined();
  });

  test('is not met if two requests met and opened a second connection', () => {
    const two = [first, { ...first, openedAt: first.openedAt + 1500 }];
    expect(doubtOf(two)).toEqual({
      cause: 'precondition not met',
      reason: expect.stringMatching(`process ${first.pid}, .* 2 connections 1500 ms after`),
    });
  });

  test('allows as many connections as the application opens for one request', () => {
    const two = [first, { ...first, openedAt: first.openedAt + 1500 }];
    expect(doubtOf(two, nova)).toBeUndefined();
    expect(doubtOf(two, {})).toBeUndefined();
  });
});

describe('requests miss the heartbeat’s thread', () => {
  const several = evidenceOf(recorded('event-8x25'));
  const doubtOf = (onHeartbeatOwner: number, of = several) =>
    unmetPrecondition(
      ['requests miss the heartbeat’s thread'],
      { ...of, requests: { ...of.requests, onHeartbeatOwner } },
      stub,
    );

  test('is met if no request came back to it', () => {
    expect(doubtOf(0)).toBeUndefined();
  });

  test('is not met if requests came back to it', () => {
    expect(doubtOf(2)).toEqual({
      cause: 'precondition not met',
      reason: expect.stringMatching(/^2 requests /),
    });
  });

  test('is met if there is no other thread', () => {
    expect(doubtOf(2, evidenceOf(recorded('prefork-8')))).toBeUndefined();
  });
});

describe('standard library’s log lock', () => {
  const doubtOf = (lock: string | null) => {
    const processes = evidence.server.processes.map((it) => ({
      ...it,
      logging: { ...it.logging, handlers: [{ formatter: 'logging.Formatter', lock }] },
    }));
    const server = { ...evidence.server, processes };
    return unmetPrecondition(['standard library’s log lock'], { ...evidence, server }, stub);
  };

  test('is met by any lock but oslo.log’s', () => {
    expect(doubtOf('_thread.RLock')).toBeUndefined();
    expect(doubtOf(null)).toBeUndefined();
  });

  test('is not met by oslo.log’s lock on a pipe', () => {
    expect(doubtOf('oslo_log.pipe_mutex.PipeMutex')).toEqual({
      cause: 'precondition not met',
      reason: expect.stringContaining('oslo_log.pipe_mutex.PipeMutex'),
    });
  });
});

describe('an unmet precondition', () => {
  const row = { expect: expecting('clean'), preconditions: ['one request at a time'] } as const;
  const two = [first, { ...first, openedAt: first.openedAt + 1500 }];
  const met = { ...evidence, connections: { ...evidence.connections, all: two } };

  test('makes a run inconclusive, whatever its verdict', () => {
    expect(judge({ ...seen, evidence }, row)).toEqual({ kind: 'clean' });
    expect(judge({ ...seen, evidence: met }, row)).toMatchObject({ cause: 'precondition not met' });
    const cannotTell = { ...met, afterClean: undefined };
    expect(judge({ ...seen, evidence: cannotTell }, { ...row, preconditions: [] })).toMatchObject({
      cause: 'no drop seen',
    });
    expect(judge({ ...seen, evidence: cannotTell }, row)).toMatchObject({ cause: 'precondition not met' });
  });

  test('is not asked of a run that is invalid anyway', () => {
    const late = { ...met, requests: { ...met.requests, latestMs: 9999 } };
    expect(judge({ ...seen, evidence: late }, row)).toMatchObject({ cause: 'late traffic' });
  });
});
