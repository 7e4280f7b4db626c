import { z } from 'zod';
import { routes } from '../applications/routes.ts';
import type { Frozen } from '../config/frozen.ts';
import type { Options } from '../config/options.ts';
import { milliseconds } from '../config/quantities.ts';

/** The names of all traffic; `timesAt` below describes each. */
export const trafficNames = [
  'fresh',
  'trickle',
  'slow trickle',
  'idle',
  'night',
  'night, call',
  'lull',
  'probes',
  'yield',
  'burst',
  'burst, warm',
  'burst without AMQP',
  'call',
  'outage',
  'outage, call',
  'reload',
] as const;
export type TrafficName = (typeof trafficNames)[number];

const phase = z.strictObject({
  route: z.enum(routes),
  requests: z.int(),
  intervalMs: milliseconds.describe(
    'from one request to the next; each is sent when it is due: an open loop',
  ),
  atOnce: z
    .int()
    .exactOptional()
    .describe('this many requests are due together, and as many again after the interval; missing: 1'),
  oneAtATime: z
    .literal(true)
    .exactOptional()
    .describe('each request waits for the end of the previous one: a closed loop'),
  everyFourth: z.enum(routes).exactOptional().describe('the route of every fourth request instead'),
});
/** Requests on one route. */
export type Phase = Frozen<z.infer<typeof phase>>;

export const trafficSchema = z
  .strictObject({
    name: z.enum(trafficNames),
    phases: z.array(phase).describe('one after the other'),
    latestMs: milliseconds.describe(
      'how late a request may be sent; a later request makes the cell inconclusive',
    ),
    answerLimitMs: milliseconds.describe('the time limit for an answer'),
    fault: z
      .strictObject({ afterMs: milliseconds, forMs: milliseconds })
      .exactOptional()
      .describe(
        'how long after the start of the traffic a fault begins, and how long it lasts; missing: no fault',
      ),
  })
  .meta({ id: 'traffic' });
/** The requests that a deployment is sent, in phases. */
export type Traffic = Frozen<z.infer<typeof trafficSchema>>;

/** The number of requests of all phases. */
export function requestsOf({ phases }: Pick<Traffic, 'phases'>): number {
  return phases.reduce((sum, { requests }) => sum + requests, 0);
}

/** The duration of the traffic if no answer is late, milliseconds. */
export function trafficMs({ phases }: Pick<Traffic, 'phases'>): number {
  return phases.reduce(
    (sum, { requests, intervalMs, atOnce = 1 }) => sum + (requests / atOnce) * intervalMs,
    0,
  );
}

/** The traffic in words: `32 requests (amqp), one every 0.5 s`. */
export function trafficWords({ phases }: Pick<Traffic, 'phases'>): string {
  return phases
    .map(({ route, requests, intervalMs, atOnce, oneAtATime, everyFourth }) => {
      if (requests === 1) return `1 request (${route})`;
      const what = `${requests} requests (${route}${everyFourth ? `, every fourth ${everyFourth}` : ''})`;
      if (oneAtATime) return `${what}, one after another`;
      return `${what}, ${atOnce ? `${atOnce} at once` : 'one'} every ${Number((intervalMs / 1000).toFixed(3))} s`;
    })
    .join('; then ');
}

/** A heartbeat of oslo.messaging, and all traffic in proportion to it. */
export interface Times {
  readonly heartbeatSeconds: number;
  readonly traffic: Readonly<Record<TrafficName, Traffic>>;
}

/** The time limit of an ordinary request. */
const ANSWER_LIMIT_MS = 20_000;
/** The usual time limit of proxies in front of an API. */
const RELOAD_LIMIT_MS = 60_000;
/** A burst is answered within about a second, or never. */
const BURST_LIMIT_MS = 8000;
/** As many concurrent requests as the article's `ab -c 10`, a hundred in total. */
const BURST = { requests: 100, atOnce: 10, intervalMs: 200 };
/** The most processes of any layout, so that each process gets a request. */
const MANY = 16;
/** More than the 25 threads of the deployment with this traffic, so that each has served a request before the burst. */
const BEFORE_BURST = 30;
/** Heartbeats before, during and after an outage. The broker waits for at most three. */
const OUTAGE = { before: 3.5, during: 6, after: 11.5 };

function timesAt(heartbeatSeconds: number): Times {
  const heartbeatMs = heartbeatSeconds * 1000;
  const amqp = (requests: number, heartbeats: number): Phase => ({
    route: 'amqp',
    requests,
    intervalMs: heartbeats * heartbeatMs,
  });
  const burst: Phase = { route: 'amqp', ...BURST };
  const many = { route: 'amqp', atOnce: MANY, intervalMs: heartbeatMs / 2 } as const;
  // The requests must arrive together; their exact time does not matter.
  const bursts = (...phases: Phase[]) => ({
    phases,
    latestMs: BURST_LIMIT_MS,
    answerLimitMs: BURST_LIMIT_MS,
  });
  // A request every half heartbeat, as in a trickle. Every fourth request needs no AMQP. The three requests before it
  // do, so if they occupy all processes, the fourth is not answered.
  const outage = (route: 'amqp' | 'call') => {
    const { before, during, after } = OUTAGE;
    const requests = 2 * (before + during + after);
    return {
      phases: [{ route, requests, intervalMs: heartbeatMs / 2, everyFourth: 'plain' } satisfies Phase],
      latestMs: heartbeatMs,
      // Long enough for a request that waits for the broker during the whole outage.
      answerLimitMs: during * heartbeatMs + ANSWER_LIMIT_MS,
      fault: { afterMs: before * heartbeatMs, forMs: during * heartbeatMs },
    };
  };
  const all: Readonly<Record<TrafficName, Pick<Traffic, 'phases'> & Partial<Traffic>>> = {
    // One request after a restart, as the article checks event. No connection is old enough to be lost.
    fresh: { phases: [amqp(1, 1)] },
    // A request every half heartbeat, as from one of nova's services.
    trickle: { phases: [amqp(32, 0.5)] },
    // The interval is one heartbeat longer than the broker waits.
    'slow trickle': { phases: [amqp(6, 4)] },
    // The interval is two heartbeats longer than the broker waits.
    idle: { phases: [amqp(5, 5)] },
    // Many requests at once, then none for longer than the broker waits, then many again.
    night: {
      phases: [
        { ...many, requests: 3 * MANY },
        { ...many, requests: MANY, intervalMs: 5 * heartbeatMs },
        { ...many, requests: 4 * MANY },
      ],
    },
    // The same with requests that wait for a reply, so that each process also has a connection for replies.
    'night, call': {
      phases: [
        { route: 'call', requests: MANY, atOnce: MANY, intervalMs: 10 * heartbeatMs },
        { route: 'call', requests: 2 * MANY, atOnce: MANY, intervalMs: 2 * heartbeatMs },
      ],
    },
    // Several connections in a process, then no requests for longer than a row's shortened `conn_pool_ttl`.
    lull: {
      phases: [
        { route: 'amqp', requests: 6, atOnce: 6, intervalMs: heartbeatMs },
        { route: 'amqp', requests: 6, atOnce: 6, intervalMs: 8 * heartbeatMs },
        amqp(10, 0.5),
      ],
    },
    // A health check as Kubernetes sends it, every 10 s of a heartbeat of 60 s, and nothing else for ten heartbeats.
    probes: {
      phases: [
        { ...many, requests: MANY },
        { route: 'plain', requests: 60, intervalMs: heartbeatMs / 6 },
        { ...many, requests: 2 * MANY },
      ],
    },
    // Requests that let hubs run but publish nothing, so that only heartbeats can keep the connection.
    yield: {
      phases: [amqp(1, 0.2), { route: 'yield', requests: 100, intervalMs: heartbeatMs / 5 }, amqp(1, 0)],
    },
    burst: bursts(burst),
    'burst, warm': bursts({ route: 'amqp', requests: BEFORE_BURST, intervalMs: 0, oneAtATime: true }, burst),
    // One AMQP request first, because there is no heartbeat without a connection.
    'burst without AMQP': bursts(amqp(1, 0.5), {
      route: 'plain',
      requests: 1000,
      atOnce: 10,
      intervalMs: 40,
    }),
    // A call without a reply ends with the application's timeout. A call that takes longer hangs.
    call: {
      phases: [{ route: 'call', requests: 10, intervalMs: 0, oneAtATime: true }],
      answerLimitMs: BURST_LIMIT_MS,
    },
    outage: outage('amqp'),
    'outage, call': outage('call'),
    // The duration of a reload does not depend on the heartbeat. Requests wait until new processes have started.
    reload: {
      phases: [{ route: 'amqp', requests: 100, intervalMs: 150, everyFourth: 'plain' }],
      latestMs: heartbeatMs,
      answerLimitMs: RELOAD_LIMIT_MS,
      fault: { afterMs: 3500, forMs: 0 },
    },
  };
  const complete = ([name, rest]: [string, Pick<Traffic, 'phases'> & Partial<Traffic>]) => [
    name,
    // Even half a heartbeat late, a request still arrives within the broker's patience of 2 to 3 heartbeats.
    { name, latestMs: heartbeatMs / 2, answerLimitMs: ANSWER_LIMIT_MS, ...rest },
  ];
  return { heartbeatSeconds, traffic: Object.fromEntries(Object.entries(all).map(complete)) };
}

/** Production values (nova's heartbeat of 60 s, a request every 30 s) and the compressed ones, in proportion. */
export const times: Readonly<Record<Options['times'], Times>> = {
  compressed: timesAt(1),
  production: timesAt(60),
};

/** The time limit of a cell, milliseconds. */
export const cellLimitMs: Readonly<Record<Options['times'], number>> = {
  compressed: 15 * 60_000,
  production: 120 * 60_000,
};

/**
 * How long RabbitMQ waits before it closes the connection of a silent client, milliseconds. It checks once in each
 * interval, and closes the connection after two checks in a row without traffic. That is two to three intervals after
 * the last byte (deps/rabbit_common/src/rabbit_heartbeat.erl; measured here: 2 to 3 s at 1 s).
 */
export function brokerPatience(heartbeatSeconds: number): { leastMs: number; mostMs: number } {
  return { leastMs: 2 * heartbeatSeconds * 1000, mostMs: 3 * heartbeatSeconds * 1000 };
}
