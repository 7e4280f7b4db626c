import type { Options } from './options.ts';

/** The traffic that a deployment gets. Times in milliseconds. */
export interface Scenario {
  readonly name: 'fresh' | 'trickle' | 'slow trickle' | 'idle';
  /** Requests on the AMQP route, each sent when it is due, not when the last one ended. */
  readonly requests: number;
  readonly intervalMs: number;
  /** A request sent later than this after it was due makes the cell `inconclusive`. */
  readonly latestMs: number;
}

/** oslo.messaging's heartbeat and the traffic that goes with it, at one scale of time. */
export interface Times {
  readonly heartbeatSeconds: number;
  /** One call after a restart, as the article checks event: no connection is old enough to be lost. */
  readonly fresh: Scenario;
  /** A call every half heartbeat, as one of nova's services makes it. */
  readonly trickle: Scenario;
  /** Calls further apart than the broker waits, by one heartbeat. */
  readonly slowTrickle: Scenario;
  /** Calls further apart still. */
  readonly idle: Scenario;
}

function timesAt(heartbeatSeconds: number): Times {
  const heartbeatMs = heartbeatSeconds * 1000;
  const latestMs = heartbeatMs / 4;
  const scenario = (name: Scenario['name'], requests: number, heartbeats: number): Scenario => ({
    name,
    requests,
    intervalMs: heartbeats * heartbeatMs,
    latestMs,
  });
  return {
    heartbeatSeconds,
    fresh: scenario('fresh', 1, 1),
    trickle: scenario('trickle', 40, 0.5),
    slowTrickle: scenario('slow trickle', 6, 4),
    idle: scenario('idle', 5, 5),
  };
}

/** Production values (nova's heartbeat of 60 s, a call each 30 s) and the compressed ones, in proportion. */
export const times: Readonly<Record<Options['times'], Times>> = {
  compressed: timesAt(1),
  production: timesAt(60),
};

/**
 * The longest that RabbitMQ lets a client be silent before it closes the connection, in
 * milliseconds. It checks once an interval and closes at the second check in a row that saw
 * nothing, so two to three intervals after the last byte (rabbit_heartbeat.erl; measured here:
 * 2 to 3 s at 1 s).
 */
export function brokerPatienceMs(heartbeatSeconds: number): number {
  return 3 * heartbeatSeconds * 1000;
}
