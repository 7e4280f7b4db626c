/**
 * Something broken on purpose while traffic runs. faults/ has what does it, and verdict/ what proves that it was done.
 *
 * - `broker down`: RabbitMQ stops and starts again, as when it is restarted for an update.
 * - `network silent`: no packet reaches the broker or leaves it, and nobody is told, as when a switch dies.
 * - `graceful reload`: the server replaces its processes, as a log rotation or a new certificate makes it do.
 */
export const faultNames = ['broker down', 'network silent', 'graceful reload'] as const;
export type FaultName = (typeof faultNames)[number];
