import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event1x25, event8x25, native, notPatched, prefork8 } from './deployments.ts';
import { keptByPthread, keptWithoutPatching, lostInDaemons } from './outcomes.ts';
import { sources } from './sources.ts';

/** The most important rows on other Debian releases, with their Apache, eventlet and oslo.messaging. */
const rows: readonly Row[] = [
  {
    id: 'prefork-8',
    deployment: prefork8,
    expect: { verdict: 'reproduced', slowed: 'none' },
    why: 'the article’s server',
  },
  {
    id: 'event-1x25',
    deployment: event1x25,
    expect: { verdict: 'clean' },
    why: 'the article’s remedy',
    preconditions: ['one request at a time'],
  },
  { id: 'daemon-8x1', deployment: { ...daemon, processes: 8, threads: 1 }, ...lostInDaemons },
  { id: 'prefork-8-native', deployment: { ...prefork8, ...native }, ...keptByPthread },
  { id: 'event-8x25-not-patched', deployment: { ...event8x25, ...notPatched }, ...keptWithoutPatching },
];

/** Debian 11 has oslo.log 4.4. The lock on a pipe came with 5.0.1. */
const beforeThePipe: Row = {
  id: 'event-1x10-plain-burst',
  deployment: { mpm: 'event', processes: 1, threads: 10 },
  traffic: 'burst without AMQP',
  expect: { requests: 'some lost' },
  why: 'oslo.log before 5.0.1 uses the standard library’s lock, and a second native thread can wait for that lock in vain',
  source: sources.loggingLock,
  preconditions: ['standard library’s log lock'],
  allowedErrors: [crossThread],
};

const on = (release: 'bookworm' | 'bullseye', prefix: string, all: readonly Row[]) =>
  all.map((row) => ({ ...row, id: `${prefix}/${row.id}`, deployment: { ...row.deployment, release } }));

/** The most important rows on Debian 12 and 11. */
export const releases: readonly RowGroup[] = [
  { title: 'Debian 12', rows: on('bookworm', 'debian-12', rows) },
  { title: 'Debian 11', rows: on('bullseye', 'debian-11', [...rows, beforeThePipe]) },
];
