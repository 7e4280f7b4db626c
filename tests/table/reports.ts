import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event1x25, native, notPatched, prefork8, uwsgi } from './deployments.ts';
import { sources } from './sources.ts';

const daemon1x1 = { ...daemon, processes: 1, threads: 1, logLevel: 'debug' } as const;

/** A report about nova-api with heartbeat_in_pthread, and two controls that differ from it in one thing each. */
const hangs = (traffic: 'burst' | 'call'): readonly Row[] => [
  {
    id: `reports/native-stdlib-${traffic}`,
    deployment: { ...daemon1x1, ...native, logging: 'stdlib' },
    traffic,
    // How many are lost is luck. Each recorded execution lost some (docs/repeats.json).
    expect: { requests: 'any' },
    why: 'the native heartbeat and the requests both log; if one native thread holds the log handler’s patched lock, a greenlet of the other thread that waits for it never wakes',
    source: sources.hangWithNativeHeartbeat,
    preconditions: ['standard library’s log lock'],
    allowedErrors: [crossThread],
  },
  {
    id: `reports/green-stdlib-${traffic}`,
    deployment: { ...daemon1x1, logging: 'stdlib' },
    traffic,
    expect: {},
    why: 'control: a green heartbeat runs on the only native thread',
    source: sources.hangWithNativeHeartbeat,
  },
  {
    id: `reports/native-oslo-log-${traffic}`,
    deployment: { ...daemon1x1, ...native },
    traffic,
    expect: {},
    why: 'control: native threads can share oslo.log’s lock, because it is on a pipe',
    source: sources.loggingLock,
  },
];

/** The article's remedy. Six requests at once leave six connections in its pool. */
const afterALull = { ...event1x25, poolTtlSeconds: 3 } as const;

/** What people report about their deployments, and what it depends on. */
export const reports: readonly RowGroup[] = [
  {
    title: 'a native heartbeat that logs can hang the API',
    rows: [
      ...hangs('call'),
      ...hangs('burst'),
      {
        id: 'reports/native-stdlib-2x1-burst',
        deployment: { ...daemon1x1, processes: 2, ...native, logging: 'stdlib' },
        traffic: 'burst',
        expect: { requests: 'any' },
        why: 'a second process was the first remedy: it answers requests while the other process hangs, until it hangs too',
        source: sources.secondProcess,
        preconditions: ['standard library’s log lock'],
        allowedErrors: [crossThread],
      },
    ],
  },
  {
    title: 'a pool that closes idle connections can hang the API',
    rows: [
      {
        id: 'reports/pool-ttl-3',
        deployment: afterALull,
        traffic: 'lull',
        expect: { requests: 'some lost' },
        why: 'a request that takes a connection from the pool also closes idle connections, and waits until the heartbeat of each has ended. That heartbeat is on the hub of another thread, which does not run. So the request holds the pool’s lock for ever, and every later request waits for that lock',
        source: sources.pool,
        allowedErrors: [crossThread],
      },
      {
        id: 'reports/pool-ttl-600',
        deployment: { ...afterALull, poolTtlSeconds: 600 },
        traffic: 'lull',
        // Concurrent requests can hang, as in the rows `burst`: here in one of about 35 executions (0 of 20 in docs/repeats.json).
        expect: { requests: 'any' },
        why: 'control: no connection is idle for 600 s',
        source: sources.pool,
        allowedErrors: [crossThread],
      },
      {
        id: 'reports/pool-ttl-3-not-patched',
        deployment: { ...afterALull, ...notPatched },
        traffic: 'lull',
        expect: { verdict: 'clean' },
        why: 'control: without patching, the heartbeat is a native thread, and it ends',
        source: sources.pool,
      },
    ],
  },
  {
    title: 'many threads in a patched process of uWSGI',
    rows: [
      {
        id: 'reports/uwsgi-2x32-burst',
        deployment: { ...uwsgi, processes: 2, threads: 32 },
        traffic: 'burst',
        expect: { requests: 'any' },
        why: 'Puppet deployed nova-api like this on Debian until 2021, when people found that it does not work',
        source: sources.manyThreads,
        allowedErrors: [crossThread],
      },
    ],
  },
  {
    title: 'what people try against lost connections, without success',
    rows: [
      {
        id: 'reports/heartbeat-rate-6',
        deployment: { ...prefork8, heartbeatRate: 6 },
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'a heartbeat that is due more often is just as late, because its hub does not run between requests',
        source: sources.hubs,
      },
    ],
  },
];
