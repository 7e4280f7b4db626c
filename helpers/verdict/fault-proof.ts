import type { Evidence } from '../evidence/evidence.ts';
import type { FaultFacts } from '../evidence/fault-facts.ts';
import type { FaultName } from '../rows/fault.ts';
import type { Doubt } from './causes.ts';

/**
 * Why a fault is not proven; undefined if it is. That the command was given proves nothing: the broker's or the
 * server's own log must say so.
 *
 * @param forMs how long it should have lasted.
 */
export function unprovenFault(
  fault: FaultName,
  forMs: number,
  evidence: Pick<Evidence, 'connections'>,
  facts: FaultFacts,
): Doubt | undefined {
  const { proof, lasts } = proofs[fault];
  const reason = proof(forMs, evidence, facts);
  if (reason !== undefined) return { cause: 'fault not proven', reason };
  return lasts ? unasked(facts) : undefined;
}

/** Gives the reason why it is not proven. */
type Proof = (
  forMs: number,
  evidence: Pick<Evidence, 'connections'>,
  facts: FaultFacts,
) => string | undefined;

const proofs: Readonly<Record<FaultName, { readonly proof: Proof; readonly lasts: boolean }>> = {
  'broker down': {
    proof: (forMs, _evidence, facts) => answeredMeanwhile(forMs, facts) ?? listened(forMs, facts),
    lasts: true,
  },
  'network silent': {
    proof: (forMs, evidence, facts) => answeredMeanwhile(forMs, facts) ?? heardMeanwhile(evidence, facts),
    lasts: true,
  },
  'graceful reload': { proof: (_forMs, _evidence, facts) => reloaded(facts), lasts: false },
};

/** What is asked of a route while it lasts rests on these. */
const LEAST_REQUESTS = 2;

/** Of requests that were not sent it cannot be said whether they would have been answered. */
function unasked({ routes }: FaultFacts): Doubt | undefined {
  const [route, sent] =
    Object.entries(routes)
      .map(([route, { meanwhile }]) => [route, meanwhile.sent] as const)
      .find(([, sent]) => sent < LEAST_REQUESTS) ?? [];
  if (sent === undefined) return undefined;
  return {
    cause: 'too little traffic',
    reason: `${sent} requests were sent on the ${route} route while it lasted, expected ${LEAST_REQUESTS} at least`,
  };
}

function answeredMeanwhile(
  forMs: number,
  { beganAt, endingAt, handshakes: { failed, completed } }: FaultFacts,
): string | undefined {
  if (completed > 0) {
    return `the broker completed ${completed} of ${completed + failed} AMQP handshakes while it should have been away`;
  }
  if (failed === 0) return 'no AMQP handshake was tried meanwhile';
  const awayMs = endingAt - beganAt;
  return awayMs < forMs
    ? `the broker was away for ${awayMs} ms, and should have been for ${forMs} ms`
    : undefined;
}

/** Its own log must say that it did not listen for so long. */
function listened(forMs: number, { brokerListens }: FaultFacts): string | undefined {
  const stop = brokerListens.find(({ listens }) => !listens);
  const start = brokerListens.find(({ at, listens }) => listens && stop !== undefined && at >= stop.at);
  if (!stop || !start) return 'the broker’s log does not say that it stopped listening, and began again';
  const awayMs = start.at - stop.at;
  return awayMs < forMs
    ? `by the broker’s log it did not listen for ${awayMs} ms, and should not have for ${forMs} ms`
    : undefined;
}

/** It must have dropped each connection that was open, and let none in. */
function heardMeanwhile(
  { connections }: Pick<Evidence, 'connections'>,
  { beganAt, endingAt, overAt }: FaultFacts,
): string | undefined {
  const open = connections.all.filter(
    ({ openedAt, endedAt = Number.POSITIVE_INFINITY }) => openedAt < beganAt && endedAt > beganAt,
  );
  if (open.length === 0) return 'no connection was open when the network fell silent';
  const lived = open.find(
    ({ ended, endedAt = Number.POSITIVE_INFINITY }) => ended !== 'dropped by the broker' || endedAt > overAt,
  );
  if (lived) return `${lived.name}: the broker did not drop it while the network was silent`;
  const opened = connections.all.find(({ openedAt }) => openedAt > beganAt && openedAt < endingAt);
  return opened && `${opened.name}: it was opened while the network was silent`;
}

/** The server must say so itself, and there must have been something to lose. */
function reloaded({ reloadLines = [], underWay }: FaultFacts): string | undefined {
  if (reloadLines.length === 0) return 'the server’s error log does not say that it reloaded';
  return underWay === 0 ? 'no request was under way when the server reloaded' : undefined;
}
