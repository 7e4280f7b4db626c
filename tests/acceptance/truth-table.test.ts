import { describe } from 'vitest';
import {
  expectAsTold,
  type HeartbeatTableRow,
  heartbeatRecord,
  heartbeatRow,
  noRequestOnHeartbeatOwner,
} from './heartbeat-cell.ts';
import { test } from './lab-test.ts';

/** Threads, not the MPM, decide whether the line is logged; traffic decides whether the connection lives. */
const threadsAndTraffic: HeartbeatTableRow[] = [
  {
    ...{ mpm: 'worker', processes: 1, threads: 25 },
    expected: 'clean',
    why: 'one process publishes often enough, whatever its MPM',
  },
  {
    ...{ mpm: 'prefork', processes: 1, threads: 1, scenario: 'idle' },
    expected: 'reproduced',
    why: 'one process that publishes too seldom loses its connection; each request wakes the one hub there is, which logs and reconnects',
  },
  {
    ...{ mpm: 'event', processes: 1, threads: 1, scenario: 'idle' },
    expected: 'reproduced',
    why: 'event with one thread does exactly as prefork does, line included: it is threads, not the MPM',
  },
  {
    ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'idle' },
    expected: 'silent',
    why: 'the connection is lost all the same, on a thread that no request comes back to; every request pays for the reconnect',
    premise: noRequestOnHeartbeatOwner,
  },
  {
    ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'slowTrickle' },
    expected: 'silent',
    why: 'the article’s remedy with traffic a little slower than the broker’s patience',
    premise: noRequestOnHeartbeatOwner,
  },
  {
    ...{ mpm: 'prefork', processes: 8, threads: 1, scenario: 'fresh' },
    expected: 'clean',
    why: 'one call after a restart proves nothing: no connection is old enough to be lost, not even under prefork',
  },
  {
    ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'fresh' },
    expected: 'clean',
    why: 'one call after a restart is how the article checks event',
  },
];

/** Where mod_wsgi’s daemons run the application, the MPM does not: what TripleO’s nova_api really had. */
const daemons: HeartbeatTableRow[] = [
  {
    ...{ mpm: 'prefork', wsgi: 'daemon', processes: 8, threads: 1 },
    expected: 'reproduced',
    why: 'eight daemons of one thread each share the traffic, as eight prefork children do',
  },
  {
    ...{ mpm: 'event', wsgi: 'daemon', processes: 8, threads: 1 },
    expected: 'reproduced',
    why: 'the same daemons under event: switching the MPM changes nothing for them',
  },
  {
    ...{ mpm: 'event', wsgi: 'daemon', processes: 1, threads: 25 },
    expected: 'clean',
    why: 'one process for all the traffic',
  },
];

/** What keeps the heartbeat alive without traffic, under either MPM. */
const cures: HeartbeatTableRow[] = (
  [
    {
      heartbeatThread: 'native',
      why: 'heartbeat_in_pthread: a native thread beats whether requests come or not',
    },
    { concurrency: 'threads', why: 'not patched: the heartbeat thread is a native one' },
  ] as const
).flatMap((cure) => [
  { ...cure, mpm: 'prefork', processes: 8, threads: 1, expected: 'clean' },
  { ...cure, mpm: 'event', processes: 8, threads: 25, expected: 'clean' },
]);

// not describe.for: Vitest plays the tests of such a suite one after another
for (const [title, rows] of [
  ['threads and traffic', threadsAndTraffic],
  ['daemon mode', daemons],
  ['cures', cures],
] as const) {
  describe.concurrent(title, () => {
    test.for(rows.map(heartbeatRow))('%s', async ([, row], { lab, task, annotate }) => {
      expectAsTold(await heartbeatRecord(lab, row, { task, annotate }), task);
    });
  });
}
