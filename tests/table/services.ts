import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import {
  daemon,
  event1x25,
  event8x25,
  native,
  notPatched,
  prefork1,
  prefork2,
  prefork8,
  uwsgi,
} from './deployments.ts';
import { layouts } from './layouts.ts';
import { keptByPthread, keptWithoutPatching, lostInDaemons } from './outcomes.ts';
import { sources } from './sources.ts';

// Rows of real services with the stub's expectations, to compare the stub with them. The suite's filter in place of
// Keystone yields for 10 ms, because keystonemiddleware asks memcached or Keystone at that point.

const notPatchedRow: Row = {
  id: 'prefork-8-not-patched',
  deployment: { ...prefork8, ...notPatched },
  ...keptWithoutPatching,
};

const firstPair: readonly Row[] = [
  {
    id: 'prefork-8',
    deployment: prefork8,
    expect: { verdict: 'reproduced', slowed: 'none' },
    why: 'like the stub: if a request yields before it publishes, the heartbeat reconnects first',
  },
  {
    id: 'event-1x25',
    deployment: event1x25,
    expect: { verdict: 'clean' },
    why: 'one process publishes often enough on all of its connections',
    preconditions: ['one request at a time'],
  },
];

const rest: readonly Row[] = [
  {
    id: 'prefork-8-no-wait',
    deployment: { ...prefork8, databaseWaitSeconds: 0 },
    expect: { verdict: ['reproduced', 'dropped'], slowed: 'some', least: { drops: 8, slowed: 0.2 } },
    why: 'a POST of an aggregate publishes before its first query; if it has not yielded before that, the request itself meets the dead connection and reconnects',
  },
  {
    id: 'prefork-1',
    deployment: prefork1,
    expect: { verdict: 'clean' },
    why: 'control: with one process, prefork publishes as often as event',
    preconditions: ['one request at a time'],
  },
  {
    id: 'event-8x25',
    deployment: event8x25,
    // Luck: a request may be lost while another request of the same process reconnects.
    expect: { verdict: 'dropped', slowed: 'some', least: { drops: 4 }, requests: 'any' },
    why: 'control: eight processes are silent for as long as under prefork, and a request on another thread reconnects',
    preconditions: ['requests miss the heartbeat’s thread'],
    allowedErrors: [crossThread],
  },
  { id: 'daemon-8x1', deployment: { ...daemon, processes: 8, threads: 1 }, ...lostInDaemons },
  { id: 'prefork-8-native', deployment: { ...prefork8, ...native }, ...keptByPthread },
  notPatchedRow,
  {
    id: 'prefork-2-call',
    deployment: prefork2,
    traffic: 'call',
    expect: {},
    why: 'the suite’s message sink answers a call like a compute host; the listener for replies runs on the only thread while that thread waits',
    source: sources.hubs,
  },
  {
    id: 'event-1x25-call',
    deployment: event1x25,
    traffic: 'call',
    expect: { requests: 'some lost' },
    why: 'the listener for replies runs on the hub of one thread, so a call on another thread waits in vain, and nova answers with 500',
    source: sources.hubs,
    allowedErrors: [crossThread, /MessagingTimeout: Timed out waiting for a reply to message ID/],
  },
];

/** Layouts with daemons and with uWSGI, with green and native heartbeats. */
const confirmed = ['rhoso-18/night', 'puppet-debian/night', 'kolla-2025.1/night'];
const asDeployed = layouts
  .flatMap(({ rows }) => rows)
  .filter(({ id }) => confirmed.includes(id))
  .map((row) => ({ ...row, id: row.id.replace('/', '-') }));

// kolla-ansible runs masakari and trove behind uWSGI's router, with as many processes as CPUs, 5 at most. Here it is 5.
const kolla = { ...uwsgi, router: 'http', processes: 5, threads: 1 } as const;
const kollaNight: Row = {
  id: 'kolla-night',
  deployment: kolla,
  traffic: 'night',
  expect: { verdict: 'reproduced', slowed: 'none' },
  why: 'like the stub: every connection is lost while there are no requests; the next request of each process wakes the heartbeat',
  source: sources.hubs,
};

const masakari: readonly Row[] = [
  kollaNight,
  {
    id: 'kolla-night-native',
    deployment: { ...kolla, ...native },
    traffic: 'night',
    expect: { verdict: 'clean' },
    why: 'kolla-ansible sets heartbeat_in_pthread for masakari-api, so a native thread sends heartbeats',
    source: sources.nativeHeartbeat,
  },
  ...firstPair,
  {
    id: 'prefork-2-call',
    deployment: prefork2,
    traffic: 'call',
    expect: {},
    why: 'the suite’s message sink answers a call like masakari-engine',
    source: sources.hubs,
  },
  {
    id: 'uwsgi-8x32-night',
    deployment: { ...uwsgi, processes: 8, threads: 32 },
    traffic: 'night',
    expect: { requests: 'any' },
    why: 'Debian’s package configures this in masakari-api-uwsgi.ini; in a process of many threads, even the thread-local data of the library Routes can be missing',
    allowedErrors: [crossThread, /AttributeError: 'local' object has no attribute 'mapper_dict'/],
  },
];

const trove: readonly Row[] = [kollaNight, ...firstPair, notPatchedRow];

/** @param release by default the run's. */
const group = (
  title: string,
  application: 'nova' | 'masakari' | 'trove',
  rows: readonly Row[],
  release?: 'bookworm',
): RowGroup => ({
  title: `the real ${application}-api${title}`,
  rows: rows.map((row) => ({
    ...row,
    id: `${release ? `${application}-${release}` : application}/${row.id}`,
    deployment: { ...row.deployment, application, ...(release && { release }) },
  })),
});

/** Rows with the real nova-api. */
export const nova: readonly RowGroup[] = [
  group('', 'nova', [...firstPair, ...rest]),
  group(', as deployment tools run it', 'nova', asDeployed),
  group(', Debian 12', 'nova', firstPair, 'bookworm'),
];

/** Services that are still patched today. */
export const otherServices: readonly RowGroup[] = [
  group('', 'masakari', masakari),
  group('', 'trove', trove),
];
