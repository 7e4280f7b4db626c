import type { Options } from './options.ts';

/** The traffic that a deployment gets. Times in milliseconds. */
export interface Scenario {
  readonly name: 'trickle';
  /** Requests on the AMQP route, each sent when it is due, not when the last one ended. */
  readonly requests: number;
  readonly intervalMs: number;
  /** A request sent later than this after it was due makes the cell `inconclusive`. */
  readonly latestMs: number;
}

/** oslo.messaging's heartbeat and the trickle that goes with it, at one scale of time. */
export interface Times {
  readonly heartbeatSeconds: number;
  readonly trickle: Scenario;
}

/**
 * Production values and the compressed ones. What is kept is the proportion: a call every half
 * heartbeat, as one of nova's services makes it, for twenty heartbeats.
 */
export const times: Readonly<Record<Options['times'], Times>> = {
  compressed: {
    heartbeatSeconds: 1,
    trickle: { name: 'trickle', requests: 40, intervalMs: 500, latestMs: 250 },
  },
  production: {
    heartbeatSeconds: 60,
    trickle: { name: 'trickle', requests: 40, intervalMs: 30_000, latestMs: 15_000 },
  },
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
