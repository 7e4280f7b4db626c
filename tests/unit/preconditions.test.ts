import { describe, expect, test } from 'vitest';
import type { Application } from '../../helpers/applications/application.ts';
import { nova } from '../../helpers/applications/nova.ts';
import { stub } from '../../helpers/applications/stub.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import type { PreconditionName } from '../../helpers/rows/precondition.ts';
import { judge } from '../../helpers/verdict/judge.ts';
import { unmetPrecondition } from '../../helpers/verdict/preconditions.ts';
import { expecting } from './fixtures/row-record.ts';
import { recorded } from './recorded/index.ts';

const seen = recorded('event-1x25');
const evidence = evidenceOf(seen);
const [first] = evidence.connections.all;
if (!first) throw new Error('the recorded run has no connection');

const withConnections = (...all: Evidence['connections']['all'][number][]): Evidence => ({
  ...evidence,
  connections: { ...evidence.connections, all },
});
const dropped = { ...first, endedAt: first.openedAt + 3000, ended: 'dropped by the broker' } as const;
const reconnected = withConnections(dropped, { ...first, openedAt: first.openedAt + 3500 });
const twoAtOnce = withConnections(first, { ...first, openedAt: first.openedAt + 1500 });

const comingBack = (onHeartbeatOwner: number, of: Evidence): Evidence => ({
  ...of,
  requests: { ...of.requests, onHeartbeatOwner },
});
const event8 = evidenceOf(recorded('event-8x25'));
const prefork8 = evidenceOf(recorded('prefork-8'));

const withLock = (lock: string | null): Evidence => {
  const handlers = [{ formatter: 'logging.Formatter', lock }];
  const processes = evidence.server.processes.map((process) => ({
    ...process,
    logging: { ...process.logging, handlers },
  }));
  return { ...evidence, server: { ...evidence.server, processes } };
};

const conditions: Partial<
  Record<PreconditionName, [string, Evidence, Pick<Application, 'connections'>, unmet?: RegExp][]>
> = {
  'one request at a time': [
    ['met by one connection in each process', evidence, stub],
    ['met by a reconnect, because the first connection has ended', reconnected, stub],
    [
      'not met if two requests opened a connection each',
      twoAtOnce,
      stub,
      new RegExp(`process ${first.pid}\\b.* 2 connections 1500 ms after`),
    ],
    ['met by two connections if the application opens two for one request', twoAtOnce, nova],
    ['met by any number of connections if the application does not say', twoAtOnce, {}],
  ],
  'requests miss the heartbeat’s thread': [
    ['met if no request came back to it', comingBack(0, event8), stub],
    ['not met if requests came back to it', comingBack(2, event8), stub, /^2 requests /],
    ['met if there is no other thread', comingBack(2, prefork8), stub],
  ],
  'standard library’s log lock': [
    ['met by the standard library’s own lock', withLock('_thread.RLock'), stub],
    ['met by no lock', withLock(null), stub],
    ['not met by oslo.log’s lock on a pipe', withLock('oslo_log.pipe_mutex.PipeMutex'), stub, /PipeMutex/],
  ],
};

describe.for(Object.entries(conditions))('“%s” is', ([precondition, cases]) => {
  test.for(cases)('%s', ([, changed, application, unmet]) => {
    const doubt = unmetPrecondition([precondition as PreconditionName], changed, application);
    expect(doubt).toEqual(unmet && { cause: 'precondition not met', reason: expect.stringMatching(unmet) });
  });
});

const { afterClean: _, ...cannotTell } = twoAtOnce;
const late: Evidence = { ...twoAtOnce, requests: { ...twoAtOnce.requests, latestMs: 9999 } };

test.for<[string, Evidence, PreconditionName[], object]>([
  ['does not affect a run that meets it', evidence, ['one request at a time'], { kind: 'clean' }],
  [
    'makes a run inconclusive, whatever its verdict',
    twoAtOnce,
    ['one request at a time'],
    { cause: 'precondition not met' },
  ],
  [
    'is named before what makes the verdict inconclusive',
    cannotTell,
    ['one request at a time'],
    { cause: 'precondition not met' },
  ],
  ['is not checked if the row has none', cannotTell, [], { cause: 'no drop seen' }],
  ['is not checked if the run is invalid anyway', late, ['one request at a time'], { cause: 'late traffic' }],
])('a precondition %s', ([, changed, preconditions, verdict]) => {
  expect(judge({ ...seen, evidence: changed }, { expect: expecting('clean'), preconditions })).toMatchObject(
    verdict,
  );
});
