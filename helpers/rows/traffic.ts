import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import type { Options } from '../config/options.ts';

/**
 * What a request does.
 *
 * - `plain`: it is answered without AMQP.
 * - `amqp`: it publishes.
 * - `call`: it publishes and waits for a reply.
 * - `yield`: it yields to eventlet's hub and publishes nothing.
 */
export const routes = ['plain', 'amqp', 'call', 'yield'] as const;
export type Route = (typeof routes)[number];

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

const milliseconds = z.number().describe('milliseconds');

const phase = z.strictObject({
  route: z.enum(routes),
  requests: z.int(),
  intervalMs: milliseconds.describe(
    'from one request to the next, in an open loop: each is sent when it is due',
  ),
  atOnce: z
    .int()
    .exactOptional()
    .describe('so many are due together, and then so many again after the interval; 1 where it is missing'),
  oneAtATime: z
    .literal(true)
    .exactOptional()
    .describe('each request waits until the one before has ended: a closed loop'),
  everyFourth: z.enum(routes).exactOptional().describe('where every fourth request goes instead'),
});
/** Requests on one route. */
export type Phase = Frozen<z.infer<typeof phase>>;

export const trafficSchema = z
  .strictObject({
    name: z.enum(trafficNames),
    phases: z.array(phase).describe('one after the other'),
    latestMs: milliseconds.describe(
      'a request sent later than this after it was due makes the cell inconclusive',
    ),
    answerLimitMs: milliseconds.describe('after which a request without an answer is given up'),
    fault: z
      .strictObject({ afterMs: milliseconds, forMs: milliseconds })
      .exactOptional()
      .describe('how long after its start a fault begins, and how long it lasts; missing: there is none'),
  })
  .meta({ id: 'traffic' });
/** What a deployment is sent: phases, one after the other. */
export type Traffic = Frozen<z.infer<typeof trafficSchema>>;

/** The requests of all phases together. */
export function requestsOf({ phases }: Pick<Traffic, 'phases'>): number {
  return phases.reduce((sum, { requests }) => sum + requests, 0);
}

/** How long the traffic takes from its start to its end if no answer is late, milliseconds. */
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
      return `${what}, ${atOnce ? `${atOnce} at once` : 'one'} every ${intervalMs / 1000} s`;
    })
    .join('; then ');
}

/** oslo.messaging's heartbeat and the traffic that goes with it, at one scale of time. */
export interface Times {
  readonly heartbeatSeconds: number;
  readonly traffic: Readonly<Record<TrafficName, Traffic>>;
}

/** The longest that an ordinary request may take. */
const ANSWER_LIMIT_MS = 20_000;
/** What proxies in front of an API are usually told to wait. */
const RELOAD_LIMIT_MS = 60_000;
/** A burst is answered within a second or so, or it is not answered. */
const BURST_LIMIT_MS = 8000;
/** As many at once as the article's `ab -c 10` keeps under way, and a hundred in all. */
const BURST = { requests: 100, atOnce: 10, intervalMs: 200 };
/** As many at once as any layout has processes, so that each of them is asked. */
const MANY = 16;
/** More than any deployment here has threads: each has served before the burst comes. */
const BEFORE_BURST = 30;
/** Heartbeats before, during and after an outage; the broker waits for three at most. */
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
  // What matters is that they come together, not when.
  const bursts = (...phases: Phase[]) => ({
    phases,
    latestMs: BURST_LIMIT_MS,
    answerLimitMs: BURST_LIMIT_MS,
  });
  // A request every half heartbeat, as in a trickle. Every fourth needs no AMQP, and three that do come first in the
  // outage: if they occupy all processes, the fourth shows it.
  const outage = (route: 'amqp' | 'call') => {
    const { before, during, after } = OUTAGE;
    const requests = 2 * (before + during + after);
    return {
      phases: [{ route, requests, intervalMs: heartbeatMs / 2, everyFourth: 'plain' } satisfies Phase],
      latestMs: heartbeatMs,
      // A request that waits for the broker is followed to its end.
      answerLimitMs: during * heartbeatMs + ANSWER_LIMIT_MS,
      fault: { afterMs: before * heartbeatMs, forMs: during * heartbeatMs },
    };
  };
  const all: Readonly<Record<TrafficName, Pick<Traffic, 'phases'> & Partial<Traffic>>> = {
    // One request after a restart, as the article checks event: no connection is old enough to be lost.
    fresh: { phases: [amqp(1, 1)] },
    // A request every half heartbeat, as one of nova's services makes it.
    trickle: { phases: [amqp(32, 0.5)] },
    // Requests further apart than the broker waits, by one heartbeat.
    'slow trickle': { phases: [amqp(6, 4)] },
    // Requests further apart still.
    idle: { phases: [amqp(5, 5)] },
    // A service that many use at once, then nobody for longer than the broker waits, then many again.
    night: {
      phases: [
        { ...many, requests: 3 * MANY },
        { ...many, requests: MANY, intervalMs: 5 * heartbeatMs },
        { ...many, requests: 4 * MANY },
      ],
    },
    // The same where requests wait for a reply, so that each process has a connection for replies as well.
    'night, call': {
      phases: [
        { route: 'call', requests: MANY, atOnce: MANY, intervalMs: 10 * heartbeatMs },
        { route: 'call', requests: 2 * MANY, atOnce: MANY, intervalMs: 2 * heartbeatMs },
      ],
    },
    // Several connections in a process, and nobody for longer than a pool keeps them if a row shortens that.
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
    // Traffic that lets hubs run and publishes nothing: heartbeats have to keep the connection.
    yield: {
      phases: [amqp(1, 0.2), { route: 'yield', requests: 100, intervalMs: heartbeatMs / 5 }, amqp(1, 0)],
    },
    burst: bursts(burst),
    'burst, warm': bursts({ route: 'amqp', requests: BEFORE_BURST, intervalMs: 0, oneAtATime: true }, burst),
    // One AMQP request first: without a connection there is no heartbeat.
    'burst without AMQP': bursts(amqp(1, 0.5), {
      route: 'plain',
      requests: 1000,
      atOnce: 10,
      intervalMs: 40,
    }),
    // A call that gets no reply ends with the application's own timeout; one that takes longer hangs.
    call: {
      phases: [{ route: 'call', requests: 10, intervalMs: 0, oneAtATime: true }],
      answerLimitMs: BURST_LIMIT_MS,
    },
    outage: outage('amqp'),
    'outage, call': outage('call'),
    // A reload takes its time whatever the heartbeat is, and its requests as long as new processes need to start.
    reload: {
      phases: [{ route: 'amqp', requests: 100, intervalMs: 150, everyFourth: 'plain' }],
      latestMs: heartbeatMs,
      answerLimitMs: RELOAD_LIMIT_MS,
      fault: { afterMs: 3500, forMs: 0 },
    },
  };
  const complete = ([name, rest]: [string, Pick<Traffic, 'phases'> & Partial<Traffic>]) => [
    name,
    // Half a heartbeat late, what is quicker than the broker's patience of 2 to 3 heartbeats is still quicker.
    { name, latestMs: heartbeatMs / 2, answerLimitMs: ANSWER_LIMIT_MS, ...rest },
  ];
  return { heartbeatSeconds, traffic: Object.fromEntries(Object.entries(all).map(complete)) };
}

/** Production values (nova's heartbeat of 60 s, a request every 30 s) and the compressed ones, in proportion. */
export const times: Readonly<Record<Options['times'], Times>> = {
  compressed: timesAt(1),
  production: timesAt(60),
};

/** The longest that a cell may take, milliseconds. */
export const cellLimitMs: Readonly<Record<Options['times'], number>> = {
  compressed: 15 * 60_000,
  production: 120 * 60_000,
};

/**
 * How long RabbitMQ lets a client be silent before it closes the connection, in milliseconds. It
 * checks once an interval and closes at the second check in a row that saw nothing, so two to three
 * intervals after the last byte (deps/rabbit_common/src/rabbit_heartbeat.erl; measured here: 2 to
 * 3 s at 1 s).
 */
export function brokerPatience(heartbeatSeconds: number): {
  readonly leastMs: number;
  readonly mostMs: number;
} {
  return { leastMs: 2 * heartbeatSeconds * 1000, mostMs: 3 * heartbeatSeconds * 1000 };
}
