import type { Evidence } from '../evidence/evidence.ts';
import { brokerPatience } from '../rows/traffic.ts';

/** How late the broker may act or log on a busy machine, milliseconds. */
const LATE_MS = 250;

/**
 * Contradictions between the captured frames and the broker's log, one sentence each: the broker dropped a connection
 * too early, a connection outlived a silence that was too long, or no frame from its client was captured.
 */
export function mechanismContradictions(
  { connections }: Pick<Evidence, 'connections'>,
  heartbeatSeconds: number,
): string[] {
  const { leastMs, mostMs } = brokerPatience(heartbeatSeconds);
  return connections.all.flatMap(({ name, packets, ended, longestSilenceMs, silenceAtEndMs }) => {
    if (!packets.some(({ from }) => from === 'client')) {
      return [`${name}: no frame from its client was captured`];
    }
    const early = ended === 'dropped by the broker' && silenceAtEndMs < leastMs - LATE_MS;
    const survived = longestSilenceMs > mostMs + LATE_MS;
    return [
      ...(early
        ? [
            `${name}: dropped after ${silenceAtEndMs} ms without a frame from the client, but the broker waits at least ${leastMs} ms`,
          ]
        : []),
      ...(survived
        ? [
            `${name}: survived ${longestSilenceMs} ms without a frame from the client, but the broker waits at most ${mostMs} ms`,
          ]
        : []),
    ];
  });
}
