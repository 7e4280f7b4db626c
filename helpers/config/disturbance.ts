/**
 * What may be done in the middle of the traffic. What each of them does stands in traffic/disturbances.ts, and what
 * proves that it was done in verdict/disturbed.ts.
 *
 * - `broker down`: RabbitMQ stops and starts again, as when it is restarted for an update.
 * - `network silent`: no packet comes to the broker or from it, and nobody says so, as when a switch dies.
 * - `graceful reload`: the server replaces its processes, as a log rotation or a new certificate makes it do.
 */
export const disturbanceNames = ['broker down', 'network silent', 'graceful reload'] as const;
export type DisturbanceName = (typeof disturbanceNames)[number];
