import { crossThread, type TablePart } from '../../helpers/verdict/row.ts';
import { oneConnectionEach } from './premises.ts';
import { sources } from './sources.ts';

// A trickle of requests to other servers.
export const servers: readonly TablePart[] = [
  {
    title: 'processes and threads decide, not the MPM',
    rows: [
      {
        ...{ mpm: 'prefork', processes: 2, threads: 1 },
        expected: 'clean',
        why: 'two processes still publish often enough each',
        source: sources.brokerHeartbeats,
      },
      {
        ...{ mpm: 'worker', processes: 1, threads: 25 },
        expected: 'clean',
        why: 'one process publishes often enough, whatever its MPM',
        source: sources.brokerHeartbeats,
        premise: oneConnectionEach,
      },
      {
        ...{ mpm: 'event', processes: 2, threads: 25 },
        why: 'which of the two children gets a request is a matter of luck; certain is that no request fails',
        declares: [crossThread],
      },
      {
        ...{ mpm: 'event', processes: 8, threads: 4 },
        expected: ['dropped', 'reproduced'],
        requests: 'reported',
        why: 'connections die; the line comes back when a request reaches the thread that owes the heartbeat, and with four threads that is soon; then it and a request of another thread may want one lock',
        source: sources.hubs,
        declares: [crossThread],
      },
    ],
  },
  {
    title: 'daemon mode: the MPM does not run the application',
    rows: [
      {
        ...{ mpm: 'prefork', wsgi: 'daemon', processes: 8, threads: 1 },
        expected: 'reproduced',
        slowed: 'none',
        why: 'eight daemons of one thread each share the traffic, as eight prefork children do',
        source: sources.daemonMode,
      },
      {
        ...{ mpm: 'prefork', wsgi: 'daemon', processes: 1, threads: 25 },
        expected: 'clean',
        why: 'one process for all the traffic',
        source: sources.daemonMode,
        premise: oneConnectionEach,
      },
      {
        ...{ mpm: 'event', wsgi: 'daemon', processes: 1, threads: 25 },
        expected: 'clean',
        why: 'the same under event',
        source: sources.daemonMode,
        premise: oneConnectionEach,
      },
    ],
  },
  {
    title: 'uWSGI without Apache: no MPM at all',
    rows: [
      {
        ...{ server: 'uwsgi', processes: 8, threads: 1 },
        expected: 'reproduced',
        slowed: 'none',
        why: 'eight processes of one thread each share the traffic, as eight prefork children do',
        source: sources.hubs,
      },
      {
        ...{ server: 'uwsgi', processes: 1, threads: 25 },
        expected: 'clean',
        why: 'one process for all the traffic',
        source: sources.brokerHeartbeats,
        premise: oneConnectionEach,
      },
      {
        ...{ server: 'uwsgi', processes: 2, threads: 1, scenario: 'idle', heartbeatThread: 'native' },
        ...{ enableThreads: false },
        expected: 'clean',
        why: 'uWSGI 2.0.28 lets a native thread run without enable-threads, in spite of a report of 2018',
        source: sources.enableThreads,
      },
      {
        ...{ server: 'uwsgi', processes: 2, threads: 1, scenario: 'idle', lazyApps: false },
        expected: 'reproduced',
        slowed: 'none',
        why: 'who loads the application, the worker or the master before it forks, changes nothing: the worker waits in C',
        source: sources.hubs,
      },
      {
        ...{ server: 'uwsgi', processes: 5, threads: 1, scenario: 'idle', heartbeatThread: 'native' },
        ...{ router: 'http' },
        expected: 'clean',
        why: 'a process of its own hands the requests on, and the native thread beats',
        source: sources.nativeHeartbeat,
      },
    ],
  },
  {
    title: 'gunicorn: the wait for a request is Python’s',
    rows: [
      {
        ...{ server: 'gunicorn', processes: 8, threads: 1 },
        expected: 'clean',
        why: 'a sync worker waits for its next request in Python’s select, which is patched as well: the hub runs between requests, and the heartbeat with it',
        source: sources.patching,
      },
      {
        ...{ server: 'gunicorn', processes: 2, threads: 1, scenario: 'idle' },
        expected: 'clean',
        why: 'the same with hardly any traffic, where Apache and uWSGI lose every connection',
        source: sources.patching,
      },
      {
        ...{ server: 'gunicorn', workerClass: 'gthread', processes: 1, threads: 25, concurrency: 'threads' },
        expected: 'clean',
        why: 'not patched: the heartbeat thread is a native one',
        source: sources.nativeHeartbeat,
      },
    ],
  },
];
