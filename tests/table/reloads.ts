import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event1x25, native, notPatched } from './deployments.ts';
import { sources } from './sources.ts';

/** greenlet's lines on stderr when an interpreter ends. */
const lastWords = [
  /^greenlet: WARNING: Interpreter is finalizing\. Ignoring call to Py_AddPendingCall; ?$/,
  /^greenlet: inner_bootstrap threw unknown exception; is the process terminating\?$/,
];
/** Apache's lines about a daemon that a reload has replaced: its socket is gone, or it ended before its answer. */
const daemonGone = [
  /Unable to connect to WSGI daemon process 'application' on '\S+' as user with uid=/,
  /Truncated or oversized response headers received from daemon process 'application'/,
];

const prefork4 = { mpm: 'prefork', processes: 4, threads: 1 } as const;
const daemon4x1 = { ...daemon, processes: 4, threads: 1 } as const;

const recovers = { verdict: 'recovered', leftBehind: 'nothing' } as const;
const mayLose = { requests: 'any', messages: 'any' } as const;

const ends = 'the old processes finish the requests that they have begun, and end';
const endsNative = `a native heartbeat does not keep old processes alive: ${ends}`;
const mayMeetSocket =
  'sometimes a request reaches a daemon’s socket that no longer exists, or a daemon that ends, and is answered with an error';

const rows: readonly Row[] = [
  { id: 'reload/prefork-4', deployment: prefork4, expect: recovers, why: ends },
  {
    id: 'reload/prefork-4-native',
    deployment: { ...prefork4, ...native },
    expect: recovers,
    why: endsNative,
  },
  // With or without a reload, requests on different threads can wait for one lock and hang. Then the old process never
  // ends, and ServerLimit allows no new process beside it.
  {
    id: 'reload/event-1x25',
    deployment: { ...event1x25, release: 'trixie' },
    expect: mayLose,
    why: 'the old process usually finishes its requests and ends; sometimes one of its requests hangs, and then it never ends',
    source: sources.otherThread,
    allowedErrors: [crossThread],
  },
  {
    id: 'reload/event-1x25-native',
    deployment: { ...event1x25, ...native, release: 'trixie' },
    expect: { ...mayLose, leftBehind: 'nothing' },
    why: `${endsNative}; requests that arrive together are sometimes lost, with or without a reload`,
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
    allowedErrors: daemonGone,
  },
  {
    id: 'reload/daemon-4x1-native',
    deployment: { ...daemon4x1, ...native },
    expect: { ...recovers, ...mayLose },
    why: `${endsNative}; ${mayMeetSocket}`,
    allowedErrors: daemonGone,
  },
];

/** Apache replaces its processes under traffic. */
export const reloads: readonly RowGroup[] = [
  {
    title: 'apachectl graceful under traffic',
    rows: rows.map((row) => ({
      ...row,
      fault: 'graceful reload',
      // Each request takes 0.3 s, so that requests are always under way.
      deployment: { ...row.deployment, databaseWaitSeconds: 0.3 },
      allowedErrors: [...lastWords, ...(row.allowedErrors ?? [])],
    })),
  },
];
