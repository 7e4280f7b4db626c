import { crossThread, type TablePart, type TableRow } from '../../helpers/verdict/row.ts';
import { noLockOnAPipe } from './premises.ts';
import { sources } from './sources.ts';

const daemon1 = { mpm: 'event', wsgi: 'daemon', processes: 1, threads: 1, logLevel: 'debug' } as const;

/** What was reported of nova-api with the cure in place, and the two controls: one thing is different in each. */
const hangs = (scenario: 'burst' | 'call'): readonly TableRow[] => [
  {
    ...{ ...daemon1, scenario, heartbeatThread: 'native', logging: 'stdlib' },
    requests: 'some lost',
    why: 'the native heartbeat logs each beat, and a request logs too: the handler’s lock is a patched one, and whoever waits in it for a greenlet of the other native thread never wakes',
    source: sources.hangWithNativeHeartbeat,
    premise: noLockOnAPipe,
    declares: [crossThread],
  },
  {
    ...{ ...daemon1, scenario, logging: 'stdlib' },
    why: 'control: a green heartbeat is on the one native thread there is',
    source: sources.hangWithNativeHeartbeat,
  },
  {
    ...{ ...daemon1, scenario, heartbeatThread: 'native' },
    why: 'control: native threads can share oslo.log’s lock, which is on a pipe',
    source: sources.loggingLock,
  },
];

// What people report of their deployments, and what it hangs on.
export const faults: readonly TablePart[] = [
  {
    title: 'a native heartbeat that logs can hang the API',
    rows: [...hangs('call'), ...hangs('burst')],
  },
  {
    title: 'what is tried against lost connections, and does not help',
    rows: [
      {
        ...{ mpm: 'prefork', processes: 8, threads: 1, heartbeatRate: 6 },
        expected: 'reproduced',
        slowed: 'none',
        why: 'a beat that is due more often is as late: its hub does not run between requests',
        source: sources.hubs,
      },
    ],
  },
];
