import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event1x25, native, notPatched } from './deployments.ts';
import { sources } from './sources.ts';

/** What greenlet writes to stderr in an interpreter that ends. */
const lastWords = [
  /^greenlet: WARNING: Interpreter is finalizing\. Ignoring call to Py_AddPendingCall; ?$/,
  /^greenlet: inner_bootstrap threw unknown exception; is the process terminating\?$/,
];
/** A daemon's socket, which a reload replaces. */
const socketGone = /Unable to connect to WSGI daemon process 'application' on '\S+' as user with uid=/;

const prefork4 = { mpm: 'prefork', processes: 4, threads: 1 } as const;
const daemon4x1 = { ...daemon, processes: 4, threads: 1 } as const;

const recovers = { verdict: 'recovered', leftBehind: 'nothing' } as const;
const mayLose = { requests: 'any', messages: 'any' } as const;

const ends = 'the old processes answer what they have begun, and end';
const endsNative = `a heartbeat in a native thread keeps none of them alive: ${ends}`;
const mayMeetSocket =
  'sometimes a request reaches a daemon’s socket that is already gone, and is answered 503';

const rows: readonly Row[] = [
  { id: 'reload/prefork-4', deployment: prefork4, expect: recovers, why: ends },
  {
    id: 'reload/prefork-4-native',
    deployment: { ...prefork4, ...native },
    expect: recovers,
    why: endsNative,
  },
  // Requests of different threads can meet in a lock and hang, with or without a reload. Then the old process never
  // ends, and ServerLimit leaves no place for a new one beside it.
  {
    id: 'reload/event-1x25',
    deployment: { ...event1x25, release: 'trixie' },
    expect: mayLose,
    why: 'mostly the old process answers what it has begun, and ends; in four of fourteen executions one of its requests hung, and it never ended',
    source: sources.otherThread,
    allowedErrors: [crossThread],
  },
  {
    id: 'reload/event-1x25-native',
    deployment: { ...event1x25, ...native, release: 'trixie' },
    expect: { ...mayLose, leftBehind: 'nothing' },
    why: `${endsNative}; requests that come together are sometimes lost, with or without a reload`,
    allowedErrors: [crossThread],
  },
  ...([{}, native] as const).map(
    (heartbeat): Row => ({
      id: `reload/event-1x25${heartbeat === native ? '-native' : ''}-bookworm`,
      deployment: { ...event1x25, ...heartbeat, release: 'bookworm' },
      expect: { ...mayLose, verdict: 'not recovered', leftBehind: 'something' },
      why: 'the old process never ends',
      source: sources.childStays,
      allowedErrors: [crossThread],
    }),
  ),
  {
    id: 'reload/event-1x25-not-patched',
    deployment: { ...event1x25, ...notPatched },
    expect: recovers,
    why: ends,
  },
  {
    id: 'reload/daemon-4x1',
    deployment: daemon4x1,
    expect: { ...recovers, ...mayLose },
    why: `${ends}; ${mayMeetSocket}`,
    allowedErrors: [socketGone],
  },
  {
    id: 'reload/daemon-4x1-native',
    deployment: { ...daemon4x1, ...native },
    expect: { ...recovers, ...mayLose },
    why: `${endsNative}; ${mayMeetSocket}`,
    allowedErrors: [socketGone],
  },
];

/** Apache replaces its processes under traffic. */
export const reloads: readonly RowGroup[] = [
  {
    title: 'apachectl graceful under traffic',
    rows: rows.map((row) => ({
      ...row,
      fault: 'graceful reload',
      // Each request takes 0.3 s, so that some are always under way.
      deployment: { ...row.deployment, databaseWaitSeconds: 0.3 },
      allowedErrors: [...lastWords, ...(row.allowedErrors ?? [])],
    })),
  },
];
