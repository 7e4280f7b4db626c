import { crossThread, type TablePart } from '../../helpers/verdict/row.ts';
import { noRequestOnHeartbeatOwner } from './premises.ts';
import { sources } from './sources.ts';

// The rows of the truth table that nobody who wants to switch an MPM should miss; the others are beside this file.
export const core: readonly TablePart[] = [
  {
    title: 'where the claim ends, and what cures it',
    rows: [
      {
        ...{ mpm: 'event', wsgi: 'daemon', processes: 8, threads: 1 },
        expected: 'reproduced',
        slowed: 'none',
        why: 'the application runs in mod_wsgi’s daemons, eight of one thread each, and the MPM in front of them does not run it',
        source: sources.daemonMode,
      },
      {
        ...{ mpm: 'prefork', processes: 8, threads: 1, heartbeatThread: 'native' },
        expected: 'clean',
        why: 'heartbeat_in_pthread: a native thread beats whether requests come or not',
        source: sources.nativeHeartbeat,
      },
      {
        ...{ mpm: 'event', processes: 8, threads: 25, concurrency: 'threads' },
        expected: 'clean',
        why: 'not patched: the heartbeat thread is a native one',
        source: sources.nativeHeartbeat,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'idle' },
        expected: 'dropped',
        slowed: 'some',
        // each but the first finds its connection dropped
        least: { drops: 2, slowed: 0.4 },
        why: 'the connection is lost all the same, on a thread that no request comes back to; every request pays for the reconnect',
        source: sources.hubs,
        premise: noRequestOnHeartbeatOwner,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 1, scenario: 'idle' },
        expected: 'reproduced',
        slowed: 'none',
        why: 'event with one thread does exactly as prefork does, line included: it is threads, not the MPM',
        source: sources.hubs,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'slow trickle' },
        expected: 'dropped',
        slowed: 'some',
        // every other one: a reconnect takes a second, and the next request is due three seconds after it
        least: { drops: 2, slowed: 0.3 },
        why: 'the article’s remedy with traffic a little slower than the broker’s patience',
        source: sources.brokerHeartbeats,
        premise: noRequestOnHeartbeatOwner,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'burst' },
        requests: 'reported',
        why: 'a patched lock that a greenlet of another native thread holds is never given to who waits for it; a hundred requests lose one or two so, now and then none, and once 85',
        source: sources.otherThread,
        declares: [crossThread],
      },
    ],
  },
];
