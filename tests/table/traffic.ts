import { crossThread, type TablePart } from '../../helpers/verdict/row.ts';
import { noRequestOnHeartbeatOwner } from './premises.ts';
import { sources } from './sources.ts';

// The same servers under other traffic.
export const traffic: readonly TablePart[] = [
  {
    title: 'a call after a restart proves nothing',
    rows: [
      {
        ...{ mpm: 'prefork', processes: 8, threads: 1, scenario: 'fresh' },
        expected: 'clean',
        why: 'no connection is old enough to be lost, not even under prefork',
        source: sources.brokerHeartbeats,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'fresh' },
        expected: 'clean',
        why: 'this is how the article checks event',
        source: sources.brokerHeartbeats,
      },
    ],
  },
  {
    title: 'traffic decides whether the connection lives',
    rows: [
      {
        ...{ mpm: 'prefork', processes: 1, threads: 1, scenario: 'idle' },
        expected: 'reproduced',
        slowed: 'none',
        why: 'one process that publishes too seldom loses its connection; each request wakes the one hub there is, which logs and reconnects',
        source: sources.hubs,
      },
      {
        ...{ mpm: 'prefork', processes: 1, threads: 1, scenario: 'slow trickle' },
        expected: 'reproduced',
        slowed: 'none',
        why: 'control of event’s row: prefork loses the connection as well, but no request is slowed',
        source: sources.hubs,
      },
      {
        ...{ mpm: 'prefork', processes: 1, threads: 1, scenario: 'yield' },
        expected: 'clean',
        why: 'requests that only yield let the one hub run: the connection lives on heartbeats alone',
        source: sources.hubs,
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, scenario: 'yield' },
        expected: ['dropped', 'reproduced'],
        requests: 'reported',
        why: 'the requests run on other threads, and their hubs owe no heartbeat; now and then one comes back to the thread that does',
        source: sources.hubs,
        declares: [crossThread],
      },
      {
        ...{ mpm: 'prefork', processes: 8, threads: 1, databaseWaitSeconds: 0 },
        expected: ['reproduced', 'dropped'],
        slowed: 'some',
        least: { drops: 8, slowed: 0.2 },
        why: 'who meets the dead socket first pays: without a wait before it publishes, that is the request',
      },
      {
        ...{ mpm: 'event', processes: 1, threads: 25, databaseWaitSeconds: 0, scenario: 'idle' },
        expected: 'dropped',
        slowed: 'some',
        least: { drops: 2, slowed: 0.4 },
        why: 'on another thread than the heartbeat’s the request pays in either order',
        premise: noRequestOnHeartbeatOwner,
      },
    ],
  },
];
