import type { TablePart, TableRow } from './row.ts';

/** The rows that matter, on other releases of Debian, each with its own Apache, eventlet and oslo.messaging. */
const rows: readonly TableRow[] = [
  {
    ...{ mpm: 'prefork', processes: 8, threads: 1 },
    expected: 'reproduced',
    why: 'the article’s server',
  },
  {
    ...{ mpm: 'event', processes: 1, threads: 25 },
    expected: 'clean',
    why: 'the article’s remedy',
  },
  {
    ...{ mpm: 'event', wsgi: 'daemon', processes: 8, threads: 1 },
    expected: 'reproduced',
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

export const releases: readonly TablePart[] = [
  { title: 'Debian 12', rows: rows.map((row) => ({ ...row, release: 'bookworm' })) },
];
