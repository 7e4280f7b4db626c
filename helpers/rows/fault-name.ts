/**
 * Faults that the suite injects while traffic runs. traffic/faults.ts injects them, and verdict/fault-proof.ts proves
 * that they happened.
 *
 * - `broker down`: RabbitMQ stops and starts again, as in an update.
 * - `network silent`: no packet reaches or leaves the broker, and neither side is notified, as if a switch failed.
 * - `graceful reload`: the server replaces its processes, as after a log rotation or for a new certificate.
 */
export const faultNames = ['broker down', 'network silent', 'graceful reload'] as const;
export type FaultName = (typeof faultNames)[number];
