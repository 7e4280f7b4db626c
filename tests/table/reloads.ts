import type { DisturbanceRow, DisturbanceTable } from '../../helpers/verdict/disturbance-row.ts';
import { crossThread } from '../../helpers/verdict/row.ts';
import { sources } from './sources.ts';

/** What greenlet says in an interpreter that ends, to stderr. */
const lastWords = [
  /^greenlet: WARNING: Interpreter is finalizing\. Ignoring call to Py_AddPendingCall; ?$/,
  /^greenlet: inner_bootstrap threw unknown exception; is the process terminating\?$/,
];

// Each request takes 0.3 s, so that some are always under way.
const reload = { disturbance: 'graceful reload', databaseWaitSeconds: 0.3, declares: lastWords } as const;
const recovers = { expected: 'recovered', lost: 'nothing', leftBehind: 'nothing' } as const;
const native = { heartbeatThread: 'native' } as const;
const prefork4 = { mpm: 'prefork', processes: 4, threads: 1 } as const;
const event25 = { mpm: 'event', processes: 1, threads: 25 } as const;
const daemon4 = { mpm: 'event', wsgi: 'daemon', processes: 4, threads: 1 } as const;

const ends = 'the old processes answer what they have begun, and end';
const endsNative = `a heartbeat in a native thread keeps none of them: ${ends}`;

/** Requests of its threads that meet in a lock hang, with a reload or without. */
const mayHang = { lost: 'reported', declares: [...lastWords, crossThread] } as const;

/** Its daemons listen on a socket that a reload replaces. */
const behindSocket = {
  ...recovers,
  lost: 'reported',
  declares: [
    ...lastWords,
    /Unable to connect to WSGI daemon process 'application' on '\S+' as user with uid=/,
  ],
} as const;
const socketGone =
  'now and then a request comes to a daemon’s socket that is gone already, and is answered 503';

/** Under event with eventlet the old process may never end, and ServerLimit has no place for a new one beside it. */
const patchedEvent: readonly DisturbanceRow[] = [
  {
    ...{ ...event25, ...reload, ...mayHang, release: 'trixie' },
    why: 'mostly the old process answers what it has begun, and ends; in four of fourteen plays one of its requests hung, and it never ended',
    source: sources.otherThread,
  },
  {
    ...{ ...event25, ...native, ...reload, ...mayHang, release: 'trixie' },
    leftBehind: 'nothing',
    why: `${endsNative}; requests that come together are lost now and then, with a reload or without`,
  },
  ...[{}, native].map(
    (heartbeat): DisturbanceRow => ({
      ...{ ...event25, ...heartbeat, ...reload, ...mayHang, release: 'bookworm' },
      expected: 'not recovered',
      leftBehind: 'something',
      why: 'the old process never ends',
      source: sources.childStays,
    }),
  ),
];

/** Apache replaces its processes under traffic. */
export const reloads: readonly DisturbanceTable[] = [
  {
    title: 'apachectl graceful under traffic',
    rows: [
      { ...prefork4, ...reload, ...recovers, why: ends },
      { ...prefork4, ...native, ...reload, ...recovers, why: endsNative },
      ...patchedEvent,
      { ...event25, concurrency: 'threads', ...reload, ...recovers, why: ends },
      { ...daemon4, ...reload, ...behindSocket, why: `${ends}; ${socketGone}` },
      { ...daemon4, ...native, ...reload, ...behindSocket, why: `${endsNative}; ${socketGone}` },
    ],
  },
];
