import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { RowGroup } from '../../helpers/rows/row.ts';
import { event1x25, notPatched, prefork8 } from './deployments.ts';
import { sources } from './sources.ts';

const event1x10 = { mpm: 'event', processes: 1, threads: 10 } as const;

/** The line about a reply that arrives on a dropped connection. */
const skipped = /Failed to process message \.\.\. skipping it/;

/**
 * Rows that assert only whether requests are answered. The verdict about the heartbeat is luck here.
 */
export const requests: readonly RowGroup[] = [
  {
    title: 'ten requests at once',
    rows: [
      {
        id: 'requests/prefork-8-burst',
        deployment: prefork8,
        traffic: 'burst',
        expect: {},
        why: 'each process has only one native thread, so its locks work',
        source: sources.otherThread,
      },
      {
        id: 'requests/event-1x25-not-patched-burst',
        deployment: { ...event1x25, ...notPatched },
        traffic: 'burst',
        expect: {},
        why: 'without patching, locks are native, and native threads can share them',
        source: sources.otherThread,
      },
      {
        id: 'requests/event-1x25-warm-burst',
        deployment: event1x25,
        traffic: 'burst, warm',
        expect: { requests: 'any' },
        why: 'fewer locks are contended once every thread has served a request; luck decides how many requests are lost',
        source: sources.otherThread,
        allowedErrors: [crossThread, skipped],
      },
      {
        id: 'requests/event-1x10-plain-burst',
        deployment: event1x10,
        traffic: 'burst without AMQP',
        expect: { requests: 'any' },
        why: 'native threads can share the lock of oslo.log’s handlers, because it is on a pipe; usually every request is answered, and sometimes many are lost',
        source: sources.loggingLock,
        allowedErrors: [crossThread, skipped],
      },
      {
        id: 'requests/event-1x10-stdlib-plain-burst',
        deployment: { ...event1x10, logging: 'stdlib' },
        traffic: 'burst without AMQP',
        expect: { requests: 'some lost' },
        why: 'the lock of the standard library’s log handler is patched, and every request takes it; if two native threads need it at once, the waiting thread never wakes',
        source: sources.loggingLock,
        allowedErrors: [crossThread, skipped],
      },
    ],
  },
  {
    title: 'RPC calls, one at a time',
    rows: [
      {
        id: 'requests/prefork-8-call',
        deployment: prefork8,
        traffic: 'call',
        expect: {},
        why: 'the listener for replies is a greenlet on the only thread, which waits for them. If a request logs a drop first, the heartbeat still logs it later. So the verdict can be `reproduced` although a request was first each time',
        source: sources.hubs,
      },
      {
        id: 'requests/event-1x25-call',
        deployment: event1x25,
        traffic: 'call',
        expect: { requests: 'some lost' },
        why: 'the listener for replies runs on the hub of one thread, so a call on another thread waits in vain',
        source: sources.hubs,
        allowedErrors: [crossThread, skipped],
      },
      {
        id: 'requests/event-1x25-not-patched-call',
        deployment: { ...event1x25, ...notPatched },
        traffic: 'call',
        expect: {},
        why: 'without patching, the listener is a native thread',
        source: sources.hubs,
      },
    ],
  },
];
