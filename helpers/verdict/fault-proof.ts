import type { Evidence } from '../evidence/evidence.ts';
import type { FaultFacts } from '../evidence/fault-facts.ts';
import type { FaultName } from '../rows/fault-name.ts';
import type { Doubt } from './causes.ts';

/**
 * Why a fault is not proven; undefined: it is proven. The command alone proves nothing. The log of the broker or of the
 * server must confirm the fault.
 *
 * @param forMs how long the fault should have lasted, milliseconds.
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

/** Why a fault is not proven; undefined: it is proven. */
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

/** Fewer requests on a route during a fault say nothing about that route. */
const LEAST_REQUESTS = 2;

function unasked({ routes }: FaultFacts): Doubt | undefined {
  const found = Object.entries(routes).find(([, { meanwhile }]) => meanwhile.sent < LEAST_REQUESTS);
  if (!found) return undefined;
  const [route, { meanwhile }] = found;
  return {
    cause: 'too little traffic',
    reason: `${meanwhile.sent} requests were sent on the ${route} route during the fault, expected at least ${LEAST_REQUESTS}`,
  };
}

function answeredMeanwhile(
  forMs: number,
  { beganAt, endingAt, handshakes: { failed, completed } }: FaultFacts,
): string | undefined {
  if (completed > 0) {
    return `the broker completed ${completed} of ${completed + failed} AMQP handshakes during the fault, expected none`;
  }
  if (failed === 0) return 'no AMQP handshake was tried during the fault';
  const awayMs = endingAt - beganAt;
  return awayMs < forMs ? `the broker was away for ${awayMs} ms, expected at least ${forMs} ms` : undefined;
}

/** The broker's own log must show that it did not listen for at least `forMs`. */
function listened(forMs: number, { brokerListens }: FaultFacts): string | undefined {
  const stop = brokerListens.find(({ listens }) => !listens);
  const start = brokerListens.find(({ at, listens }) => listens && stop !== undefined && at >= stop.at);
  if (!stop || !start) return 'the broker’s log does not say that it stopped listening and started again';
  const awayMs = start.at - stop.at;
  return awayMs < forMs
    ? `the broker’s log says that it did not listen for ${awayMs} ms, expected at least ${forMs} ms`
    : undefined;
}

/** The broker must have dropped each open connection, and accepted none. */
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

/** The server's log must confirm the reload, and requests must have been under way. */
function reloaded({ reloadLines = [], underWay }: FaultFacts): string | undefined {
  if (reloadLines.length === 0) return 'the server’s error log does not say that it reloaded';
  return underWay === 0 ? 'no request was under way when the server reloaded' : undefined;
}
