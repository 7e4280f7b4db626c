import type { Evidence } from '../evidence/evidence.ts';
import { brokerPatience } from '../rows/traffic.ts';

/** How late the broker may notice, or log, on a machine that has other things to do, milliseconds. */
const LATE_MS = 250;

/**
 * What the frames on the wire say against the broker's own account: a connection that it dropped
 * without having been silent for as long as the broker waits at least, or one that lived although it
 * was silent for longer than the broker ever waits. Nothing where they agree.
 */
export function mechanismContradictions(
  { connections }: Pick<Evidence, 'connections'>,
  heartbeatSeconds: number,
): string[] {
  const { leastMs, mostMs } = brokerPatience(heartbeatSeconds);
  return connections.all.flatMap(({ name, packets, ended, longestSilenceMs, silenceAtEndMs }) => {
    if (packets && !packets.some(({ from }) => from === 'client')) {
      return [`${name}: no frame from its client was captured`];
    }
    if (ended === 'dropped by the broker') {
      return silenceAtEndMs < leastMs - LATE_MS
        ? [
            `${name}: dropped after ${silenceAtEndMs} ms without a frame from the client, and the broker waits ${leastMs} ms at least`,
          ]
        : [];
    }
    return longestSilenceMs > mostMs + LATE_MS
      ? [
          `${name}: lived through ${longestSilenceMs} ms without a frame from the client, and the broker waits ${mostMs} ms at most`,
        ]
      : [];
  });
}
