import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { RowGroup } from '../../helpers/rows/row.ts';
import { event1x25, notPatched, prefork8 } from './deployments.ts';
import { sources } from './sources.ts';

const event1x10 = { mpm: 'event', processes: 1, threads: 10 } as const;

/** A reply that arrives on a connection that the broker has dropped. */
const skipped = /Failed to process message \.\.\. skipping it/;

/**
 * Whether requests are answered at all is a second question beside the heartbeat's. These rows assert it, and leave the
 * heartbeat's verdict to luck.
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
        why: 'each process has one native thread, and no other that could break its locks',
        source: sources.otherThread,
      },
      {
        id: 'requests/event-1x25-not-patched-burst',
        deployment: { ...event1x25, ...notPatched },
        traffic: 'burst',
        expect: {},
        why: 'not patched: native locks are made for native threads',
        source: sources.otherThread,
      },
      {
        id: 'requests/event-1x25-warm-burst',
        deployment: event1x25,
        traffic: 'burst, warm',
        expect: { requests: 'any' },
        why: 'once every thread has served a request, fewer locks are contended; how many requests are lost is luck',
        source: sources.otherThread,
        allowedErrors: [crossThread, skipped],
      },
      {
        id: 'requests/event-1x10-plain-burst',
        deployment: event1x10,
        traffic: 'burst without AMQP',
        expect: { requests: 'any' },
        why: 'oslo.log’s handlers have a lock on a pipe, which native threads can share: mostly everything is answered; of a thousand requests 43 have been lost, and once 555',
        source: sources.loggingLock,
        allowedErrors: [crossThread, skipped],
      },
      {
        id: 'requests/event-1x10-stdlib-plain-burst',
        deployment: { ...event1x10, logging: 'stdlib' },
        traffic: 'burst without AMQP',
        expect: { requests: 'some lost' },
        why: 'the handler’s lock of the standard library’s logging is patched, and every request takes it: two native threads meet in it, and the one that waits never wakes',
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
        why: 'the listener for replies is a greenlet on the only thread, which waits for them',
        source: sources.hubs,
      },
      {
        id: 'requests/event-1x25-call',
        deployment: event1x25,
        traffic: 'call',
        expect: { requests: 'some lost' },
        why: 'the listener for replies lives on the hub of one thread; a call on another thread waits in vain',
        source: sources.hubs,
        allowedErrors: [crossThread, skipped],
      },
      {
        id: 'requests/event-1x25-not-patched-call',
        deployment: { ...event1x25, ...notPatched },
        traffic: 'call',
        expect: {},
        why: 'not patched, the listener is a native thread',
        source: sources.hubs,
      },
    ],
  },
];
