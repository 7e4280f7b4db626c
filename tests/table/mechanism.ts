import { crossThread } from '../../helpers/applications/eventlet.ts';
import { osloMessaging } from '../../helpers/applications/oslo-messaging.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { daemon, event1x25, event8x25, prefork8, uwsgi } from './deployments.ts';
import { sources } from './sources.ts';

/**
 * As many processes of one thread as the article's prefork, under another MPM. Event cannot be that control: it gives a
 * request to the process that asked last, so some of its eight processes get hardly any, or none.
 */
const worker8x1 = { mpm: 'worker', processes: 8, threads: 1 } as const;

const daemon2x1 = { ...daemon, processes: 2, threads: 1 } as const;

const expect: Row['expect'] = { verdict: 'reproduced', slowed: 'none' };

/** With many threads, what logs a drop is luck. Sixteen requests reconnect at once, and those of one process share its pool. */
const manyThreads = {
  expect: { verdict: ['dropped', 'reproduced'], requests: 'any' },
  allowedErrors: [crossThread, ...osloMessaging.brokerAway],
} as const satisfies Partial<Row>;

const atNight = (id: string, deployment: Row['deployment'], why: string): Row => ({
  id: `mechanism/${id}-night`,
  deployment,
  traffic: 'night',
  ...manyThreads,
  why,
  source: sources.hubs,
});

/** Only health checks, which need no broker, for ten heartbeats. */
const probed = (id: string, deployment: Row['deployment']): Row => ({
  id: `probes/${id}`,
  deployment,
  traffic: 'probes',
  expect: { verdict: 'reproduced' },
  why: 'a probe is answered without yielding, so it runs no hub; the heartbeat waits for the next request that yields',
  source: sources.hubs,
});

/** What kills a connection, and who logs it, one thing at a time. */
export const mechanism: readonly RowGroup[] = [
  {
    title: 'the MPM alone: eight processes of one thread each',
    rows: [
      {
        id: 'mechanism/worker-8x1',
        deployment: worker8x1,
        expect,
        why: 'exactly what article/prefork-8 does: with the same processes and threads, the MPM makes no difference',
        source: sources.hubs,
      },
      {
        id: 'mechanism/prefork-8-night',
        deployment: prefork8,
        traffic: 'night',
        expect,
        why: 'each process waits in C between its requests; the next request of its only thread wakes the heartbeat, which logs',
        source: sources.hubs,
      },
      {
        id: 'mechanism/worker-8x1-night',
        deployment: worker8x1,
        traffic: 'night',
        expect,
        why: 'the same under worker with one thread in each process',
        source: sources.hubs,
      },
    ],
  },
  {
    title: 'at night, embedded: processes with many threads',
    rows: [
      atNight('event-1x25', event1x25, 'no request arrives for longer than the broker waits'),
      atNight('worker-1x25', { ...event1x25, mpm: 'worker' }, 'the same under worker'),
      atNight('event-8x25', event8x25, 'the same with eight processes'),
    ],
  },
  {
    title: 'nothing but health checks, which need no broker',
    rows: [
      probed('prefork-8', prefork8),
      probed('daemon-2x1', daemon2x1),
      probed('uwsgi-5x1', { ...uwsgi, processes: 5, threads: 1 }),
      { ...probed('event-1x25', event1x25), ...manyThreads },
      probed('nova-daemon-2x1', { ...daemon2x1, application: 'nova' }),
    ],
  },
];
