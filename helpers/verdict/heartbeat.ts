import type { Deployment } from '../config/deployment.ts';
import type { Scenario } from '../config/scenario.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { mechanismContradictions } from './mechanism.ts';
import { serverDifference } from './server-difference.ts';

/**
 * What became of the heartbeat.
 * - `reproduced`: the log shows the error, and the broker dropped the connection.
 * - `silent`: the broker dropped the connection, and the log shows no heartbeat error.
 * - `clean`: neither, and the same instruments have then seen a drop.
 * - `inconclusive`: the run was not valid.
 */
export type HeartbeatKind = 'reproduced' | 'silent' | 'clean';
export type HeartbeatVerdict =
  | { readonly kind: HeartbeatKind }
  | { readonly kind: 'inconclusive'; readonly reason: string };

/** Draws the verdict. Pure: nothing but what was observed decides, the expectation least of all. */
export function heartbeatVerdict(
  deployment: Deployment,
  scenario: Pick<Scenario, 'latestMs'>,
  evidence: Evidence,
): HeartbeatVerdict {
  const reason = whyInconclusive(deployment, scenario, evidence);
  if (reason !== undefined) return { kind: 'inconclusive', reason };
  if (evidence.heartbeatErrors.length > 0) return { kind: 'reproduced' };
  if (evidence.brokerDrops.length > 0) return { kind: 'silent' };
  return { kind: 'clean' };
}

/** The first reason why nothing can be concluded, or undefined. */
function whyInconclusive(
  deployment: Deployment,
  scenario: Pick<Scenario, 'latestMs'>,
  it: Evidence,
): string | undefined {
  const different = serverDifference(deployment, it.server);
  if (different !== undefined) return `the server is not what the deployment says: ${different}`;

  if (!it.applicationLog.readToEnd) {
    return `the application’s log could not be read to its end${because(it.applicationLog.complaint)}`;
  }
  if (!it.brokerLog.readToEnd) {
    return `the broker’s log could not be read to its end${because(it.brokerLog.complaint)}`;
  }
  if (!it.serverErrorLogReadable) return 'the server’s error log could not be read';
  if (!it.capture.readToEnd) {
    return `the capture of the frames could not be read to its end${because(it.capture.complaint)}`;
  }
  if (it.conductorLost !== undefined) return `the conductor lost the broker: ${it.conductorLost}`;
  if (it.requests.latestMs > scenario.latestMs) {
    return `traffic was later than promised: a request left ${it.requests.latestMs} ms after it was due, the bound is ${scenario.latestMs} ms`;
  }
  if (it.requests.answered === 0) return 'no request was answered';

  const unmatched = it.heartbeatErrors.filter(({ drop }) => drop === undefined);
  if (unmatched.length > 0) {
    const lines = unmatched.map(({ line }) => line).join(' | ');
    return `${unmatched.length} heartbeat errors match no connection that the broker dropped: ${lines}`;
  }

  const contradictions = mechanismContradictions(it, deployment.heartbeatSeconds);
  if (contradictions.length > 0) {
    return `the frames and the broker’s log do not agree: ${contradictions.join(' | ')}`;
  }

  const clean = it.heartbeatErrors.length === 0 && it.brokerDrops.length === 0;
  if (clean && !it.afterClean?.dropSeen) {
    return 'the window was clean, but the instruments then saw no drop either when the traffic had stopped';
  }
  return undefined;
}

function because(complaint: string | undefined): string {
  return complaint ? `: ${complaint}` : '';
}
