import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { RowGroup } from '../../helpers/rows/row.ts';
import { native, notPatched, prefork2, uwsgi } from './deployments.ts';
import { keptWithoutPatching, lostInTurns } from './outcomes.ts';
import { sources } from './sources.ts';

/** Other servers and other sizes, under a trickle unless the row says `idle`. */
export const servers: readonly RowGroup[] = [
  {
    title: 'processes and threads decide, not the MPM',
    rows: [
      {
        id: 'server/prefork-2',
        deployment: prefork2,
        expect: { verdict: 'clean' },
        why: 'two processes still publish often enough each',
        source: sources.brokerHeartbeats,
      },
      {
        id: 'server/worker-1x25',
        deployment: { mpm: 'worker', processes: 1, threads: 25 },
        expect: { verdict: 'clean' },
        why: 'one process publishes often enough, whatever its MPM',
        source: sources.brokerHeartbeats,
        preconditions: ['one request at a time'],
      },
      {
        id: 'server/event-2x25',
        deployment: { mpm: 'event', processes: 2, threads: 25 },
        expect: {},
        why: 'luck decides which of the two children gets a request, but no request fails',
        allowedErrors: [crossThread],
      },
      {
        id: 'server/event-8x4',
        deployment: { mpm: 'event', processes: 8, threads: 4 },
        expect: { verdict: ['dropped', 'reproduced'], requests: 'any' },
        why: 'connections are dropped. With only four threads, a request soon runs on the heartbeat’s thread, and the heartbeat logs. Then the heartbeat and a request on another thread may need the same lock',
        source: sources.hubs,
        allowedErrors: [crossThread],
      },
    ],
  },
  {
    title: 'daemon mode: the MPM does not run the application',
    rows: [
      {
        id: 'server/daemon-8x1-prefork',
        deployment: { mpm: 'prefork', wsgi: 'daemon', processes: 8, threads: 1 },
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'eight daemons of one thread each share the traffic, as eight prefork children do',
        source: sources.daemonMode,
      },
      {
        id: 'server/daemon-1x25-prefork',
        deployment: { mpm: 'prefork', wsgi: 'daemon', processes: 1, threads: 25 },
        expect: { verdict: 'clean' },
        why: 'one process gets all the traffic',
        source: sources.daemonMode,
        preconditions: ['one request at a time'],
      },
      {
        id: 'server/daemon-1x25-event',
        deployment: { mpm: 'event', wsgi: 'daemon', processes: 1, threads: 25 },
        expect: { verdict: 'clean' },
        why: 'the same under event',
        source: sources.daemonMode,
        preconditions: ['one request at a time'],
      },
    ],
  },
  {
    title: 'uWSGI without Apache: no MPM at all',
    rows: [
      { id: 'server/uwsgi-8x1', deployment: { ...uwsgi, processes: 8, threads: 1 }, ...lostInTurns },
      {
        id: 'server/uwsgi-1x25',
        deployment: { ...uwsgi, processes: 1, threads: 25 },
        expect: { verdict: 'clean' },
        why: 'one process gets all the traffic',
        source: sources.brokerHeartbeats,
        preconditions: ['one request at a time'],
      },
      {
        id: 'server/uwsgi-2x1-no-enable-threads',
        deployment: { ...uwsgi, processes: 2, threads: 1, ...native, enableThreads: false },
        traffic: 'idle',
        expect: { verdict: 'clean' },
        why: 'a native thread runs in uWSGI 2.0.28 even without enable-threads, contrary to a report of 2018',
        source: sources.enableThreads,
      },
      {
        id: 'server/uwsgi-2x1-no-lazy-apps',
        deployment: { ...uwsgi, processes: 2, threads: 1, lazyApps: false },
        traffic: 'idle',
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'the worker waits in C, whether it loads the application itself or the master does before the fork',
        source: sources.hubs,
      },
      {
        id: 'server/uwsgi-5x1-router-native',
        deployment: { ...uwsgi, router: 'http', processes: 5, threads: 1, ...native },
        traffic: 'idle',
        expect: { verdict: 'clean' },
        why: 'a separate process forwards the requests, and the native thread sends heartbeats',
        source: sources.nativeHeartbeat,
      },
    ],
  },
  {
    title: 'gunicorn: Python waits for the requests',
    rows: [
      {
        id: 'server/gunicorn-8x1',
        deployment: { server: 'gunicorn', processes: 8, threads: 1 },
        expect: { verdict: 'clean' },
        why: 'a sync worker waits for its next request in Python’s select, which is patched; so the hub, and the heartbeat with it, runs between requests',
        source: sources.patching,
      },
      {
        id: 'server/gunicorn-2x1-idle',
        deployment: { server: 'gunicorn', processes: 2, threads: 1 },
        traffic: 'idle',
        expect: { verdict: 'clean' },
        why: 'the same with very little traffic, under which Apache and uWSGI lose every connection',
        source: sources.patching,
      },
      {
        id: 'server/gunicorn-1x25-not-patched',
        deployment: {
          server: 'gunicorn',
          workerClass: 'gthread',
          processes: 1,
          threads: 25,
          ...notPatched,
        },
        ...keptWithoutPatching,
      },
    ],
  },
];
