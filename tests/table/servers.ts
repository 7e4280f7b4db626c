import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { RowGroup } from '../../helpers/rows/row.ts';
import { native, notPatched, prefork2, uwsgi } from './deployments.ts';
import { sources } from './sources.ts';

/** A trickle of requests to other servers. */
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
        why: 'which of the two children gets a request is luck; it is certain that no request fails',
        allowedErrors: [crossThread],
      },
      {
        id: 'server/event-8x4',
        deployment: { mpm: 'event', processes: 8, threads: 4 },
        expect: { verdict: ['dropped', 'reproduced'], requests: 'any' },
        why: 'connections die; the heartbeat logs once a request reaches its thread, which is soon with four threads; then it and a request of another thread may want one lock',
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
      {
        id: 'server/uwsgi-8x1',
        deployment: { ...uwsgi, processes: 8, threads: 1 },
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'eight processes of one thread each share the traffic, as eight prefork children do',
        source: sources.hubs,
      },
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
        why: 'uWSGI 2.0.28 lets a native thread run without enable-threads, despite a report of 2018',
        source: sources.enableThreads,
      },
      {
        id: 'server/uwsgi-2x1-no-lazy-apps',
        deployment: { ...uwsgi, processes: 2, threads: 1, lazyApps: false },
        traffic: 'idle',
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'it does not matter whether the worker loads the application, or the master before it forks: the worker waits in C',
        source: sources.hubs,
      },
      {
        id: 'server/uwsgi-5x1-router-native',
        deployment: { ...uwsgi, router: 'http', processes: 5, threads: 1, ...native },
        traffic: 'idle',
        expect: { verdict: 'clean' },
        why: 'a separate process passes the requests on, and the native thread sends heartbeats',
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
        why: 'a sync worker waits for its next request in Python’s select, which is patched as well: the hub runs between requests, and the heartbeat with it',
        source: sources.patching,
      },
      {
        id: 'server/gunicorn-2x1-idle',
        deployment: { server: 'gunicorn', processes: 2, threads: 1 },
        traffic: 'idle',
        expect: { verdict: 'clean' },
        why: 'the same with hardly any traffic, where Apache and uWSGI lose every connection',
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
        expect: { verdict: 'clean' },
        why: 'not patched, the heartbeat thread is a native one',
        source: sources.nativeHeartbeat,
      },
    ],
  },
];
