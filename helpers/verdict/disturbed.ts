import type { DisturbanceName } from '../config/disturbance.ts';
import type { DisturbedScenario } from '../config/scenario.ts';
import type { DisturbanceFacts } from '../evidence/disturbance-facts.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Doubt } from './causes.ts';

/**
 * Why a run was not disturbed as it should have been; undefined where it was. The command that was given proves
 * nothing: what counts is what the broker, or the processes, say themselves. Pure.
 */
export function undisturbed(
  disturbance: DisturbanceName,
  { forMs }: DisturbedScenario['disturbed'],
  evidence: Pick<Evidence, 'connections'>,
  facts: DisturbanceFacts,
): Doubt | undefined {
  const { proof, lasts } = proofs[disturbance];
  const reason = proof(forMs, evidence, facts);
  if (reason !== undefined) return { cause: 'not disturbed', reason };
  return lasts ? unasked(facts) : undefined;
}

/** Gives the reason why it is not proven. */
type Proof = (
  forMs: number,
  evidence: Pick<Evidence, 'connections'>,
  facts: DisturbanceFacts,
) => string | undefined;

const proofs: Readonly<Record<DisturbanceName, { readonly proof: Proof; readonly lasts: boolean }>> = {
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
function unasked({ routes }: DisturbanceFacts): Doubt | undefined {
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
  { beganAt, endingAt, handshakes: { failed, completed } }: DisturbanceFacts,
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
function listened(forMs: number, { brokerListens }: DisturbanceFacts): string | undefined {
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
  { beganAt, endingAt, overAt }: DisturbanceFacts,
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
function reloaded({ reloadLines = [], underWay }: DisturbanceFacts): string | undefined {
  if (reloadLines.length === 0) return 'the server’s error log does not say that it reloaded';
  return underWay === 0 ? 'no request was under way when the server reloaded' : undefined;
}
