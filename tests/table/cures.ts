import type { TablePart } from '../../helpers/verdict/row.ts';
import { sources } from './sources.ts';

const native = {
  heartbeatThread: 'native',
  why: 'heartbeat_in_pthread: a native thread beats whether requests come or not',
  source: sources.nativeHeartbeat,
} as const;
const notPatched = {
  concurrency: 'threads',
  why: 'not patched: the heartbeat thread is a native one',
  source: sources.nativeHeartbeat,
} as const;
const prefork8 = { mpm: 'prefork', processes: 8, threads: 1 } as const;
const event8x25 = { mpm: 'event', processes: 8, threads: 25 } as const;
const clean = { expected: 'clean' } as const;

// What keeps the heartbeat alive without traffic, under either MPM; the other two are in core.ts.
export const cures: readonly TablePart[] = [
  {
    title: 'what cures it',
    rows: [
      { ...native, ...event8x25, ...clean },
      { ...notPatched, ...prefork8, ...clean },
      { ...native, mpm: 'event', wsgi: 'daemon', processes: 8, threads: 1, ...clean },
      { ...native, server: 'uwsgi', processes: 8, threads: 1, ...clean },
    ],
  },
];
