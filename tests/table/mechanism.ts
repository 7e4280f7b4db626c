import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event1x25, event8x25, prefork8, uwsgi } from './deployments.ts';
import { sources } from './sources.ts';

/** The article's eight processes, and as many under event with one thread each: only the MPM differs. */
const event8x1 = { mpm: 'event', processes: 8, threads: 1 } as const;

/**
 * The same traffic and the same expectation under both MPMs. Prefork's children take turns; event gives a request to the
 * process that asked last, so fewer of its processes get a request after the night, which could wake their heartbeats.
 */
const sameUnderBoth: readonly Row[] = [
  {
    id: 'mechanism/prefork-8-night',
    deployment: prefork8,
    traffic: 'night',
    expect: { verdict: 'reproduced', slowed: 'none' },
    why: 'each process waits in C between its requests; the next request of its only thread wakes the heartbeat, which logs',
    source: sources.hubs,
  },
  {
    id: 'mechanism/event-8x1-night',
    deployment: event8x1,
    traffic: 'night',
    expect: { verdict: 'reproduced', slowed: 'none', least: { drops: 3, loggedByHeartbeat: 0.1 } },
    why: 'the same under event with one thread in each process: neither the drops nor the line needs prefork',
    source: sources.hubs,
  },
];

const atNight = (id: string, deployment: Row['deployment'], why: string): Row => ({
  id: `mechanism/${id}-night`,
  deployment,
  traffic: 'night',
  expect: { verdict: ['dropped', 'reproduced'], requests: 'any' },
  why,
  source: sources.hubs,
});

/** A health check that needs no broker, and no other request. */
const probed = (id: string, deployment: Row['deployment'], expect: Row['expect']): Row => ({
  id: `probes/${id}`,
  deployment,
  traffic: 'probes',
  expect,
  why: 'a probe that is answered without yielding runs no hub: the heartbeat waits for a request that yields',
  source: sources.hubs,
});

/** What kills a connection, and who logs it, one thing at a time. */
export const mechanism: readonly RowGroup[] = [
  {
    title: 'the MPM alone: eight processes of one thread each',
    rows: [
      ...sameUnderBoth,
      {
        id: 'mechanism/event-8x1',
        deployment: event8x1,
        expect: { requests: 'any' },
        why: 'event gives most requests of a trickle to the process that asked last, so how the traffic is shared is luck',
      },
    ],
  },
  {
    title: 'at night, embedded: one process for all, and many threads',
    rows: [
      atNight('event-1x25', event1x25, 'nobody asks for longer than the broker waits'),
      atNight('worker-1x25', { ...event1x25, mpm: 'worker' }, 'the same under worker'),
      atNight('event-8x25', event8x25, 'the same with eight processes'),
    ],
  },
  {
    title: 'health checks that need no broker, and no other request',
    rows: [
      probed('prefork-8', prefork8, { verdict: 'reproduced' }),
      probed('daemon-2x1', { ...daemon, processes: 2, threads: 1 }, { verdict: 'reproduced' }),
      probed('uwsgi-5x1', { ...uwsgi, processes: 5, threads: 1 }, { verdict: 'reproduced' }),
      probed('event-1x25', event1x25, { verdict: ['dropped', 'reproduced'], requests: 'any' }),
    ],
  },
];
