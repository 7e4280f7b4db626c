import type { DisturbanceTable } from '../../helpers/verdict/disturbance-row.ts';
import { crossThread } from '../../helpers/verdict/row.ts';
import { sources } from './sources.ts';

const prefork2 = { mpm: 'prefork', processes: 2, threads: 1 } as const;
const uwsgi2Native = { server: 'uwsgi', processes: 2, threads: 1, heartbeatThread: 'native' } as const;
const event25 = { mpm: 'event', processes: 1, threads: 25 } as const;
const event25NotPatched = { ...event25, concurrency: 'threads' } as const;

/** All that a deployment may be asked for: it is well again, and nothing is lost for good. */
const recovers = { expected: 'recovered', lost: 'nothing' } as const;
const down = { disturbance: 'broker down', ...recovers } as const;
const silent = { disturbance: 'network silent', ...recovers } as const;
const calls = { scenario: 'outage, call' } as const;

const stands =
  'each of the two processes stands in the reconnect of one request, and serves no other: a health check on / fails because the broker is away';
const answers = 'the other threads go on serving what needs no broker';

/** The broker goes away for six heartbeats, and comes back. */
export const outages: readonly DisturbanceTable[] = [
  {
    title: 'the broker is down for six heartbeats',
    rows: [
      { ...prefork2, ...down, plainMeanwhile: 'none', why: stands },
      {
        ...{ ...prefork2, heartbeatThread: 'native' },
        ...down,
        plainMeanwhile: 'none',
        why: `a heartbeat in a native thread changes nothing about that: ${stands}`,
      },
      {
        ...{ ...prefork2, concurrency: 'threads' },
        ...down,
        plainMeanwhile: 'none',
        why: `nor does it help not to patch: ${stands}`,
      },
      { ...uwsgi2Native, ...down, plainMeanwhile: 'none', why: `without Apache as with it: ${stands}` },
      {
        ...event25,
        ...down,
        lost: 'reported',
        plainMeanwhile: 'all',
        why: `${answers}; now and then two of them want one patched lock, and then a request may be lost`,
        source: sources.otherThread,
        declares: [crossThread],
      },
      { ...event25NotPatched, ...down, plainMeanwhile: 'all', why: answers },
      {
        ...{ ...event25NotPatched, threads: 3 },
        ...down,
        why: 'control: three threads are spent by the first three requests that need the broker, mostly before one comes that does not; twenty-five are spent later',
      },
      { ...prefork2, ...down, ...calls, plainMeanwhile: 'none', why: stands },
      {
        ...event25NotPatched,
        ...down,
        ...calls,
        lost: 'reported',
        plainMeanwhile: 'all',
        why: `${answers}; a call whose reply comes before its queue is declared anew waits for it in vain`,
      },
    ],
  },
  {
    title: 'the network to the broker is silent for six heartbeats',
    rows: [
      { ...prefork2, ...silent, plainMeanwhile: 'none', why: stands },
      { ...uwsgi2Native, ...silent, plainMeanwhile: 'none', why: stands },
      {
        ...event25,
        ...silent,
        lost: 'reported',
        plainMeanwhile: 'all',
        why: answers,
        source: sources.otherThread,
        declares: [crossThread],
      },
      { ...event25NotPatched, ...silent, plainMeanwhile: 'all', why: answers },
    ],
  },
];
