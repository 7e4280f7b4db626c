import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { event1x25, native, notPatched, prefork2, uwsgi } from './deployments.ts';
import { sources } from './sources.ts';

const uwsgi2Native = { ...uwsgi, processes: 2, threads: 1, ...native } as const;
const event1x25NotPatched = { ...event1x25, ...notPatched } as const;

/** The strictest expectation: the deployment recovers, and nothing is lost. */
const recovers = { verdict: 'recovered' } as const;
const mayLose = { requests: 'any', messages: 'any' } as const;

const stuck =
  'each of the two processes is stuck in the reconnect of one request and serves no other, so a health check on / fails while the broker is away';
const answers = 'the other threads keep serving requests that need no broker';
const inVain = 'if a reply arrives before the caller’s queue is declared again, the call waits in vain';

const getsStuck = { expect: { ...recovers, plainDuringFault: 'none' }, why: stuck } as const;
const keepsServing = { expect: { ...recovers, plainDuringFault: 'all' }, why: answers } as const;
const mostlyServes = {
  expect: { ...keepsServing.expect, ...mayLose },
  why: answers,
  source: sources.otherThread,
  allowedErrors: [crossThread],
} as const;

const down: readonly Row[] = [
  { id: 'prefork-2', deployment: prefork2, ...getsStuck },
  {
    id: 'prefork-2-native',
    deployment: { ...prefork2, ...native },
    ...getsStuck,
    why: `a native heartbeat does not change that: ${stuck}`,
  },
  {
    id: 'prefork-2-not-patched',
    deployment: { ...prefork2, ...notPatched },
    ...getsStuck,
    why: `disabling patching does not help either: ${stuck}`,
  },
  {
    id: 'uwsgi-2x1-native',
    deployment: uwsgi2Native,
    ...getsStuck,
    why: `uWSGI behaves like Apache: ${stuck}`,
  },
  {
    id: 'event-1x25',
    deployment: event1x25,
    ...mostlyServes,
    why: `${answers}; sometimes two threads need the same patched lock, and then a request may be lost`,
  },
  { id: 'event-1x25-not-patched', deployment: event1x25NotPatched, ...keepsServing },
  {
    id: 'event-1x3-not-patched',
    deployment: { ...event1x25NotPatched, threads: 3 },
    expect: recovers,
    why: 'control: requests that need the broker soon occupy all three threads, usually before a request arrives that needs none; with twenty-five threads this takes longer',
  },
  {
    id: 'prefork-2-call',
    deployment: prefork2,
    traffic: 'outage, call',
    expect: { ...getsStuck.expect, ...mayLose },
    why: `${stuck}; ${inVain}`,
  },
  {
    id: 'event-1x25-not-patched-call',
    deployment: event1x25NotPatched,
    traffic: 'outage, call',
    expect: mostlyServes.expect,
    why: `${answers}; ${inVain}`,
  },
];

const silent: readonly Row[] = [
  { id: 'prefork-2', deployment: prefork2, ...getsStuck },
  { id: 'uwsgi-2x1-native', deployment: uwsgi2Native, ...getsStuck },
  { id: 'event-1x25', deployment: event1x25, ...mostlyServes },
  { id: 'event-1x25-not-patched', deployment: event1x25NotPatched, ...keepsServing },
];

/** The broker is away for six heartbeats, and comes back. */
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
