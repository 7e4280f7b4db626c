import { crossThread, type TablePart } from '../../helpers/verdict/row.ts';
import { sources } from './sources.ts';

// Whether requests are answered at all is a second question beside the heartbeat's, and not mixed into it: of these
// rows the requests are asserted, and the heartbeat's verdict is reported.
const declared = {
  declares: [
    crossThread,
    // a reply that comes on a connection that the broker has dropped
    /Failed to process message \.\.\. skipping it/,
  ],
};

export const requests: readonly TablePart[] = [
  {
    title: 'ten requests at once',
    rows: [
      {
        ...{ mpm: 'prefork', processes: 8, threads: 1, scenario: 'burst' },
        why: 'each process has one native thread: there is no other to break its locks',
        source: sources.otherThread,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'burst', concurrency: 'threads' },
        why: 'not patched: native locks are made for native threads',
        source: sources.otherThread,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'burst, warm' },
        requests: 'reported',
        why: 'after each thread has served once fewer locks are contended; how many requests are lost is a matter of luck',
        source: sources.otherThread,
        ...declared,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 10, scenario: 'burst without AMQP' },
        requests: 'reported',
        why: 'oslo.log’s handlers have a lock of their own, on a pipe, that native threads can share: mostly all is answered; of a thousand requests 43 have been lost, and once 555',
        source: sources.loggingLock,
        ...declared,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 10, scenario: 'burst without AMQP', logging: 'stdlib' },
        requests: 'some lost',
        why: 'the handler’s lock of the standard library’s logging is a patched one, and each request takes it: two native threads meet in it, and the one that waits never wakes',
        source: sources.loggingLock,
        ...declared,
      },
    ],
  },
  {
    title: 'RPC calls, one at a time',
    rows: [
      {
        ...{ mpm: 'prefork', processes: 8, threads: 1, scenario: 'call' },
        why: 'the listener for replies is a greenlet on the one thread that waits for them',
        source: sources.hubs,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'call' },
        requests: 'some lost',
        why: 'the listener for replies lives on the hub of one thread; a call on another waits in vain',
        source: sources.hubs,
        ...declared,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'call', concurrency: 'threads' },
        why: 'not patched: the listener is a native thread',
        source: sources.hubs,
      },
    ],
  },
];
