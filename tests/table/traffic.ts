import { crossThread } from '../../helpers/applications/eventlet.ts';
import type { RowGroup } from '../../helpers/rows/row.ts';
import { event1x25, prefork1, prefork8 } from './deployments.ts';
import { sources } from './sources.ts';

/** The same servers under other traffic. */
export const traffic: readonly RowGroup[] = [
  {
    title: 'a request after a restart proves nothing',
    rows: [
      {
        id: 'traffic/prefork-8-fresh',
        deployment: prefork8,
        traffic: 'fresh',
        expect: { verdict: 'clean' },
        why: 'no connection is old enough to be lost, not even under prefork',
        source: sources.brokerHeartbeats,
      },
      {
        id: 'traffic/event-1x25-fresh',
        deployment: event1x25,
        traffic: 'fresh',
        expect: { verdict: 'clean' },
        why: 'this is how the article checks event',
        source: sources.brokerHeartbeats,
      },
    ],
  },
  {
    title: 'traffic decides whether the connection lives',
    rows: [
      {
        id: 'traffic/prefork-1-idle',
        deployment: prefork1,
        traffic: 'idle',
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'one process that publishes too rarely loses its connection; each request wakes the only hub, so the heartbeat logs the drop and reconnects',
        source: sources.hubs,
      },
      {
        id: 'traffic/prefork-1-slow-trickle',
        deployment: prefork1,
        traffic: 'slow trickle',
        expect: { verdict: 'reproduced', slowed: 'none' },
        why: 'control for limits/event-1x25-slow-trickle: prefork also loses the connection, but no request is slowed',
        source: sources.hubs,
      },
      {
        id: 'traffic/prefork-1-yield',
        deployment: prefork1,
        traffic: 'yield',
        expect: { verdict: 'clean' },
        why: 'requests that only yield let the only hub run, so heartbeats alone keep the connection alive',
        source: sources.hubs,
      },
      {
        id: 'traffic/event-1x25-yield',
        deployment: event1x25,
        traffic: 'yield',
        expect: { verdict: ['dropped', 'reproduced'], requests: 'any' },
        why: 'the requests run on other threads, whose hubs have no heartbeat to send; sometimes a request returns to the heartbeat’s thread',
        source: sources.hubs,
        allowedErrors: [crossThread],
      },
      {
        id: 'traffic/prefork-8-no-wait',
        deployment: { ...prefork8, databaseWaitSeconds: 0 },
        expect: { verdict: ['reproduced', 'dropped'], slowed: 'some', least: { drops: 8, slowed: 0.2 } },
        why: 'the first to meet the dead socket must reconnect; a request that publishes without waiting meets it before the heartbeat does',
      },
      {
        id: 'traffic/event-1x25-no-wait-idle',
        deployment: { ...event1x25, databaseWaitSeconds: 0 },
        traffic: 'idle',
        expect: { verdict: 'dropped', slowed: 'some', least: { drops: 2, slowed: 0.4 } },
        why: 'a request on another thread than the heartbeat’s must reconnect, with or without a wait',
        preconditions: ['requests miss the heartbeat’s thread'],
      },
    ],
  },
];
