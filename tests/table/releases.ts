import { crossThread, type TablePart, type TableRow } from '../../helpers/verdict/row.ts';
import { noLockOnAPipe, oneConnectionEach } from './premises.ts';
import { sources } from './sources.ts';

/** The rows that matter, on other releases of Debian, each with its own Apache, eventlet and oslo.messaging. */
const rows: readonly TableRow[] = [
  {
    ...{ mpm: 'prefork', processes: 8, threads: 1 },
    expected: 'reproduced',
    slowed: 'none',
    why: 'the article’s server',
  },
  {
    ...{ mpm: 'event', processes: 1, threads: 25 },
    expected: 'clean',
    why: 'the article’s remedy',
    premise: oneConnectionEach,
  },
  {
    ...{ mpm: 'event', wsgi: 'daemon', processes: 8, threads: 1 },
    expected: 'reproduced',
    slowed: 'none',
    why: 'the MPM does not run the application',
  },
  {
    ...{ mpm: 'prefork', processes: 8, threads: 1, heartbeatThread: 'native' },
    expected: 'clean',
    why: 'heartbeat_in_pthread',
  },
  {
    ...{ mpm: 'event', processes: 8, threads: 25, concurrency: 'threads' },
    expected: 'clean',
    why: 'not patched',
  },
];

/** oslo.log 4.4: the lock on a pipe came with 5.0.1. */
const beforeThePipe: TableRow = {
  ...{ mpm: 'event', processes: 1, threads: 10, scenario: 'burst without AMQP' },
  requests: 'some lost',
  why: 'oslo.log before 5.0.1 has the standard library’s lock, which a second native thread can wait for in vain',
  source: sources.loggingLock,
  premise: noLockOnAPipe,
  declares: [crossThread],
};

export const releases: readonly TablePart[] = [
  { title: 'Debian 12', rows: rows.map((row) => ({ ...row, release: 'bookworm' })) },
  { title: 'Debian 11', rows: [...rows, beforeThePipe].map((row) => ({ ...row, release: 'bullseye' })) },
];
