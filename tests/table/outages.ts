import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { event1x25, native, notPatched, prefork2, uwsgi } from './deployments.ts';
import { sources } from './sources.ts';

const uwsgi2Native = { ...uwsgi, processes: 2, threads: 1, ...native } as const;
const event1x25NotPatched = { ...event1x25, ...notPatched } as const;

/** All that a deployment may be asked for: it recovers, and nothing is lost for good. */
const recovers = { verdict: 'recovered' } as const;
const mayLose = { requests: 'any', messages: 'any' } as const;

const stuck =
  'each of the two processes is stuck in the reconnect of one request and serves no other: a health check on / fails because the broker is away';
const answers = 'the other threads go on serving requests that need no broker';

const down: readonly Row[] = [
  {
    id: 'prefork-2',
    deployment: prefork2,
    expect: { ...recovers, plainDuringFault: 'none' },
    why: stuck,
  },
  {
    id: 'prefork-2-native',
    deployment: { ...prefork2, ...native },
    expect: { ...recovers, plainDuringFault: 'none' },
    why: `a heartbeat in a native thread changes nothing about that: ${stuck}`,
  },
  {
    id: 'prefork-2-not-patched',
    deployment: { ...prefork2, ...notPatched },
    expect: { ...recovers, plainDuringFault: 'none' },
    why: `not patching does not help either: ${stuck}`,
  },
  {
    id: 'uwsgi-2x1-native',
    deployment: uwsgi2Native,
    expect: { ...recovers, plainDuringFault: 'none' },
    why: `the same without Apache: ${stuck}`,
  },
  {
    id: 'event-1x25',
    deployment: event1x25,
    expect: { ...recovers, ...mayLose, plainDuringFault: 'all' },
    why: `${answers}; sometimes two of them want one patched lock, and then a request may be lost`,
    source: sources.otherThread,
    allowedErrors: [crossThread],
  },
  {
    id: 'event-1x25-not-patched',
    deployment: event1x25NotPatched,
    expect: { ...recovers, plainDuringFault: 'all' },
    why: answers,
  },
  {
    id: 'event-1x3-not-patched',
    deployment: { ...event1x25NotPatched, threads: 3 },
    expect: recovers,
    why: 'control: the first three requests that need the broker occupy three threads, mostly before one comes that does not; with twenty-five threads that happens later',
  },
  {
    id: 'prefork-2-call',
    deployment: prefork2,
    traffic: 'outage, call',
    expect: { ...recovers, plainDuringFault: 'none' },
    why: stuck,
  },
  {
    id: 'event-1x25-not-patched-call',
    deployment: event1x25NotPatched,
    traffic: 'outage, call',
    expect: { ...recovers, ...mayLose, plainDuringFault: 'all' },
    why: `${answers}; a call whose reply arrives before its queue is declared again waits in vain`,
  },
];

const silent: readonly Row[] = [
  {
    id: 'prefork-2',
    deployment: prefork2,
    expect: { ...recovers, plainDuringFault: 'none' },
    why: stuck,
  },
  {
    id: 'uwsgi-2x1-native',
    deployment: uwsgi2Native,
    expect: { ...recovers, plainDuringFault: 'none' },
    why: stuck,
  },
  {
    id: 'event-1x25',
    deployment: event1x25,
    expect: { ...recovers, ...mayLose, plainDuringFault: 'all' },
    why: answers,
    source: sources.otherThread,
    allowedErrors: [crossThread],
  },
  {
    id: 'event-1x25-not-patched',
    deployment: event1x25NotPatched,
    expect: { ...recovers, plainDuringFault: 'all' },
    why: answers,
  },
];

/** The broker goes away for six heartbeats, and comes back. */
export const outages: readonly RowGroup[] = [
  {
    title: 'the broker is down for six heartbeats',
    rows: down.map((row) => ({ ...row, id: `outage/${row.id}`, fault: 'broker down' })),
  },
  {
    title: 'the network to the broker is silent for six heartbeats',
    rows: silent.map((row) => ({ ...row, id: `silence/${row.id}`, fault: 'network silent' })),
  },
];
