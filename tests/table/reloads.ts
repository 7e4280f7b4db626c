import type { DisturbanceTable } from '../../helpers/verdict/disturbance-row.ts';
import { crossThread } from '../../helpers/verdict/row.ts';

/** What greenlet says in an interpreter that ends, to stderr. */
const lastWords = [
  /^greenlet: WARNING: Interpreter is finalizing\. Ignoring call to Py_AddPendingCall; ?$/,
  /^greenlet: inner_bootstrap threw unknown exception; is the process terminating\?$/,
];

// Each request takes 0.3 s, so that some are always under way.
const reload = {
  disturbance: 'graceful reload',
  databaseWaitSeconds: 0.3,
  leftBehind: 'nothing',
  declares: lastWords,
} as const;
const recovers = { expected: 'recovered', lost: 'nothing' } as const;
/** Requests that come together are lost there, with a reload or without. */
const luck = { lost: 'reported', declares: [...lastWords, crossThread] } as const;
const native = { heartbeatThread: 'native' } as const;
const prefork4 = { mpm: 'prefork', processes: 4, threads: 1 } as const;
const event25 = { mpm: 'event', processes: 1, threads: 25 } as const;
const daemon4 = { mpm: 'event', wsgi: 'daemon', processes: 4, threads: 1 } as const;

const ends = 'the old processes answer what they have begun, and end';
const endsNative = `a heartbeat in a native thread keeps none of them: ${ends}`;

/** Apache replaces its processes under traffic. */
export const reloads: readonly DisturbanceTable[] = [
  {
    title: 'apachectl graceful under traffic',
    rows: [
      { ...prefork4, ...reload, ...recovers, why: ends },
      { ...prefork4, ...native, ...reload, ...recovers, why: endsNative },
      { ...event25, ...reload, ...luck, why: ends },
      { ...event25, ...native, ...reload, ...luck, why: endsNative },
      { ...event25, concurrency: 'threads', ...reload, ...recovers, why: ends },
      { ...daemon4, ...reload, ...recovers, why: ends },
      { ...daemon4, ...native, ...reload, ...recovers, why: endsNative },
    ],
  },
];
