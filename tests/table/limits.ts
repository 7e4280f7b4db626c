import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event1x25, event8x25, native, notPatched, prefork8 } from './deployments.ts';
import { sources } from './sources.ts';

/** Where the article's claim ends, and what helps: what nobody who wants to switch an MPM should miss. */
export const limits: readonly RowGroup[] = [
  {
    title: 'where the claim ends, and what helps',
    rows: [
      {
        id: 'limits/daemon-8x1',
        deployment: { ...daemon, processes: 8, threads: 1 },
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'mod_wsgi’s eight daemons of one thread each run the application, and the MPM in front of them does not matter',
        source: sources.daemonMode,
      },
      {
        id: 'limits/prefork-8-native',
        deployment: { ...prefork8, ...native },
        expect: { verdict: 'clean' },
        why: 'heartbeat_in_pthread: a native thread sends heartbeats whether requests come or not',
        source: sources.nativeHeartbeat,
      },
      {
        id: 'limits/event-8x25-not-patched',
        deployment: { ...event8x25, ...notPatched },
        expect: { verdict: 'clean' },
        why: 'not patched, the heartbeat thread is a native one',
        source: sources.nativeHeartbeat,
      },
      {
        id: 'limits/event-1x25-idle',
        deployment: event1x25,
        traffic: 'idle',
        // Every request but the first finds its connection dropped.
        expect: { verdict: 'dropped', slowed: 'some', least: { drops: 2, slowed: 0.4 } },
        why: 'the connection is lost all the same, on a thread that no request comes back to, and every request waits for a reconnect',
        source: sources.hubs,
        preconditions: ['requests miss the heartbeat’s thread'],
      },
      {
        id: 'limits/event-1x1-idle',
        deployment: { mpm: 'event', processes: 1, threads: 1 },
        traffic: 'idle',
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'event with one thread does exactly what prefork does, log line included: threads decide, not the MPM',
        source: sources.hubs,
      },
      {
        id: 'limits/event-1x25-slow-trickle',
        deployment: event1x25,
        traffic: 'slow trickle',
        // Every other request: a reconnect takes a second, and the next request is due three seconds later.
        expect: { verdict: 'dropped', slowed: 'some', least: { drops: 2, slowed: 0.3 } },
        why: 'the article’s remedy with traffic a little slower than the broker waits',
        source: sources.brokerHeartbeats,
        preconditions: ['requests miss the heartbeat’s thread'],
      },
      {
        id: 'limits/event-1x25-burst',
        deployment: event1x25,
        traffic: 'burst',
        expect: { requests: 'any' },
        why: 'a patched lock held by a greenlet of another native thread never reaches the greenlet that waits for it: a burst of a hundred requests loses one or two, sometimes none, and once lost 85',
        source: sources.otherThread,
        allowedErrors: [crossThread],
      },
    ],
  },
];
