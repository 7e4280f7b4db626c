import { crossThread, type TablePart, type TableRow } from '../../helpers/verdict/row.ts';
import { layouts } from './layouts.ts';
import { noRequestOnHeartbeatOwner, oneConnectionEach } from './premises.ts';
import { sources } from './sources.ts';

// Real services, to hold the stub against: rows of the stub's, and the same expected of them. What waits 10 ms,
// yielding, is the suite's filter in the place of Keystone's: keystonemiddleware asks memcached or Keystone then.

const prefork8 = { mpm: 'prefork', processes: 8, threads: 1 } as const;
const event1x25 = { mpm: 'event', processes: 1, threads: 25 } as const;

const prefork2 = { mpm: 'prefork', processes: 2, threads: 1 } as const;
const prefork2Call = { ...prefork2, scenario: 'call', source: sources.hubs } as const;

const notPatched: TableRow = {
  ...prefork8,
  concurrency: 'threads',
  expected: 'clean',
  why: 'not patched: the heartbeat thread is a native one',
  source: sources.nativeHeartbeat,
};

const firstPair: readonly TableRow[] = [
  {
    ...prefork8,
    expected: 'reproduced',
    slowed: 'none',
    why: 'as the stub: a request that yields before it publishes lets the heartbeat mend the connections',
  },
  {
    ...event1x25,
    expected: 'clean',
    why: 'one process publishes often enough on both of its connections',
    premise: oneConnectionEach,
  },
];

const rest: readonly TableRow[] = [
  {
    ...prefork8,
    databaseWaitSeconds: 0,
    expected: ['reproduced', 'dropped'],
    slowed: 'some',
    least: { drops: 8, slowed: 0.2 },
    why: 'a POST of an aggregate publishes before its first query: where nothing has yielded by then, the request meets the dead connection and pays',
  },
  {
    ...{ mpm: 'prefork', processes: 1, threads: 1 },
    expected: 'clean',
    why: 'control: with one process prefork publishes as often',
    premise: oneConnectionEach,
  },
  {
    ...{ mpm: 'event', processes: 8, threads: 25 },
    expected: 'dropped',
    slowed: 'some',
    least: { drops: 4 },
    // Luck: one of 32 was lost in two plays of nine, which had come while another request of its process reconnected.
    requests: 'reported',
    why: 'control: eight processes are silent as long as under prefork, and the request on another thread pays',
    premise: noRequestOnHeartbeatOwner,
    declares: [crossThread],
  },
  {
    ...{ mpm: 'event', wsgi: 'daemon', processes: 8, threads: 1 },
    expected: 'reproduced',
    slowed: 'none',
    why: 'the MPM does not run the application',
    source: sources.daemonMode,
  },
  {
    ...prefork8,
    heartbeatThread: 'native',
    expected: 'clean',
    why: 'heartbeat_in_pthread: a native thread beats whether requests come or not',
    source: sources.nativeHeartbeat,
  },
  notPatched,
  {
    ...prefork2Call,
    why: 'the compute host answers a call, by the suite’s conductor; the listener for replies is on the one thread that waits',
  },
  {
    ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'call' },
    requests: 'some lost',
    why: 'the listener for replies lives on the hub of one thread; a call on another waits in vain, and nova answers with 500',
    source: sources.hubs,
    declares: [crossThread, /MessagingTimeout: Timed out waiting for a reply to message ID/],
  },
];

const part = (title: string, rows: readonly TableRow[], more: Partial<TableRow> = {}): TablePart => ({
  title,
  rows: rows.map((row) => ({ application: 'nova', ...row, ...more })),
});

/** One layout of each kind: daemons and uWSGI, green and native. */
const confirmed = ['RHOSO 18, one pod', 'Puppet on Debian', 'kolla-ansible 2025.1, 2025.2'];
const asDeployed = layouts
  .flatMap(({ rows }) => rows)
  .filter(({ layout, scenario }) => scenario === 'night' && confirmed.includes(layout ?? ''));

// kolla-ansible runs both behind uWSGI's router, in as many processes as CPUs, 5 at most; 5 are played.
const kolla = { server: 'uwsgi', router: 'http', processes: 5, threads: 1, scenario: 'night' } as const;
const patchedForEver: TableRow = {
  ...kolla,
  expected: 'reproduced',
  slowed: 'none',
  why: 'as the stub: while nobody asks, every connection is lost; the next request of each process wakes the heartbeat',
  source: sources.hubs,
};

const masakari: readonly TableRow[] = [
  patchedForEver,
  {
    ...kolla,
    heartbeatThread: 'native',
    expected: 'clean',
    why: 'heartbeat_in_pthread, which kolla-ansible sets for masakari-api: the native thread beats',
    source: sources.nativeHeartbeat,
  },
  ...firstPair,
  { ...prefork2Call, why: 'an engine answers a call, by the suite’s conductor' },
  {
    ...{ server: 'uwsgi', processes: 8, threads: 32, scenario: 'night' },
    requests: 'reported',
    why: 'as Debian’s package writes it in masakari-api-uwsgi.ini',
    declares: [crossThread],
  },
];

const trove: readonly TableRow[] = [{ ...patchedForEver, otherwiseBelowMs: 5000 }, ...firstPair, notPatched];

export const nova: readonly TablePart[] = [
  part('the real nova-api', [...firstPair, ...rest]),
  part('the real nova-api, as deployment tools run it', asDeployed),
  part('the real nova-api, Debian 12', firstPair, { release: 'bookworm' }),
];

/** Patched to this day. */
export const otherServices: readonly TablePart[] = [
  part('the real masakari-api', masakari, { application: 'masakari' }),
  part('the real trove-api', trove, { application: 'trove' }),
];

export const services: readonly TablePart[] = [...nova, ...otherServices];
