import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event1x25, event8x25, native, notPatched, prefork8 } from './deployments.ts';
import { keptByPthread, keptWithoutPatching } from './outcomes.ts';
import { sources } from './sources.ts';

/** Where the article's claim no longer holds, and what helps. Read this before you switch the MPM. */
export const limits: readonly RowGroup[] = [
  {
    title: 'where the claim ends, and what helps',
    rows: [
      {
        id: 'limits/daemon-8x1',
        deployment: { ...daemon, processes: 8, threads: 1 },
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'eight daemons of mod_wsgi, with one thread each, run the application; the MPM in front of them does not matter',
        source: sources.daemonMode,
      },
      { id: 'limits/prefork-8-native', deployment: { ...prefork8, ...native }, ...keptByPthread },
      {
        id: 'limits/event-8x25-not-patched',
        deployment: { ...event8x25, ...notPatched },
        ...keptWithoutPatching,
      },
      {
        id: 'limits/event-1x25-idle',
        deployment: event1x25,
        traffic: 'idle',
        // Every request except the first meets a dropped connection.
        expect: { verdict: 'dropped', slowed: 'some', least: { drops: 2, slowed: 0.4 } },
        why: 'event loses the connection too; no request returns to the heartbeat’s thread, so every request waits for a reconnect',
        source: sources.hubs,
        preconditions: ['requests miss the heartbeat’s thread'],
      },
      {
        id: 'limits/event-1x1-idle',
        deployment: { mpm: 'event', processes: 1, threads: 1 },
        traffic: 'idle',
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'event with one thread behaves exactly like prefork and logs the same line: threads decide, not the MPM',
        source: sources.hubs,
      },
      {
        id: 'limits/event-1x25-slow-trickle',
        deployment: event1x25,
        traffic: 'slow trickle',
        // Every second request is slowed: a reconnect takes a second, and the next request follows three seconds later.
        expect: { verdict: 'dropped', slowed: 'some', least: { drops: 2, slowed: 0.3 } },
        why: 'the article’s remedy, with an interval between requests that is a little longer than the broker waits',
        source: sources.brokerHeartbeats,
        preconditions: ['requests miss the heartbeat’s thread'],
      },
      {
        id: 'limits/event-1x25-burst',
        deployment: event1x25,
        traffic: 'burst',
        expect: { requests: 'any' },
        why: 'if a greenlet waits for a patched lock that another native thread holds, it may never wake; luck decides how many requests of a burst are lost',
        source: sources.otherThread,
        allowedErrors: [crossThread],
      },
    ],
  },
];
