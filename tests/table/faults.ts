import { crossThread, type TablePart, type TableRow } from '../../helpers/verdict/row.ts';
import { noLockOnAPipe } from './premises.ts';
import { sources } from './sources.ts';

const daemon1 = { mpm: 'event', wsgi: 'daemon', processes: 1, threads: 1, logLevel: 'debug' } as const;

/** What was reported of nova-api with the cure in place, and the two controls: one thing is different in each. */
const hangs = (scenario: 'burst' | 'call'): readonly TableRow[] => [
  {
    ...{ ...daemon1, scenario, heartbeatThread: 'native', logging: 'stdlib' },
    // Luck: calls were lost in eleven of fourteen plays, some of a burst in twenty of twenty-two.
    requests: 'reported',
    why: 'the native heartbeat logs each beat, and a request logs too: the handler’s lock is a patched one, and whoever waits in it for a greenlet of the other native thread never wakes',
    source: sources.hangWithNativeHeartbeat,
    premise: noLockOnAPipe,
    declares: [crossThread],
  },
  {
    ...{ ...daemon1, scenario, logging: 'stdlib' },
    why: 'control: a green heartbeat is on the one native thread there is',
    source: sources.hangWithNativeHeartbeat,
  },
  {
    ...{ ...daemon1, scenario, heartbeatThread: 'native' },
    why: 'control: native threads can share oslo.log’s lock, which is on a pipe',
    source: sources.loggingLock,
  },
];

/** The article's remedy. Six requests at once leave as many connections in its pool. */
const afterALull = {
  ...({ mpm: 'event', processes: 1, threads: 25 } as const),
  scenario: 'lull',
  poolTtlSeconds: 3,
} as const;

// What people report of their deployments, and what it hangs on.
export const faults: readonly TablePart[] = [
  {
    title: 'a native heartbeat that logs can hang the API',
    rows: [
      ...hangs('call'),
      ...hangs('burst'),
      {
        ...{ ...daemon1, processes: 2, scenario: 'burst', heartbeatThread: 'native', logging: 'stdlib' },
        requests: 'reported',
        why: 'a second process was the first remedy: it answers what comes while the other one hangs, as long as it does not hang itself',
        source: sources.secondProcess,
        premise: noLockOnAPipe,
        declares: [crossThread],
      },
    ],
  },
  {
    title: 'a pool that closes idle connections can hang the API',
    rows: [
      {
        ...afterALull,
        requests: 'some lost',
        why: 'who takes a connection from the pool closes what has been idle in it for too long, and waits for the heartbeat of each: a greenlet of another thread’s hub, which does not run. It keeps the pool’s lock for ever, and every request after it waits for that',
        source: sources.pool,
        declares: [crossThread],
      },
      {
        ...{ ...afterALull, poolTtlSeconds: 600 },
        why: 'control: nothing has been idle for so long',
        source: sources.pool,
        declares: [crossThread],
      },
      {
        ...{ ...afterALull, concurrency: 'threads' },
        expected: 'clean',
        why: 'control: not patched, the heartbeat is a thread that ends',
        source: sources.pool,
      },
    ],
  },
  {
    title: 'many threads in a patched process of uWSGI',
    rows: [
      {
        ...{ server: 'uwsgi', processes: 2, threads: 32, scenario: 'burst' },
        requests: 'reported',
        why: 'Puppet deployed nova-api so on Debian until 2021, in which it refused to work',
        source: sources.manyThreads,
        declares: [crossThread],
      },
    ],
  },
  {
    title: 'what is tried against lost connections, and does not help',
    rows: [
      {
        ...{ mpm: 'prefork', processes: 8, threads: 1, heartbeatRate: 6 },
        expected: 'reproduced',
        slowed: 'none',
        why: 'a beat that is due more often is as late: its hub does not run between requests',
        source: sources.hubs,
      },
    ],
  },
];
