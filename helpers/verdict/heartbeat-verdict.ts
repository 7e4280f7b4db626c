import { count } from '../config/count.ts';
import { applicationOf, type Deployment } from '../deployment/deployment.ts';
import { lastException } from '../evidence/application-log.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type Doubt, firstDoubt } from './causes.ts';
import { mechanismContradictions } from './frame-contradictions.ts';
import { unprovenLogger } from './instruments.ts';
import { type Checked, unconfirmedHeartbeat } from './validity.ts';
import { inconclusive, type Verdict } from './verdict.ts';

/** Judges a run without a fault by its heartbeat. */
export function heartbeatVerdict({ deployment, evidence }: Checked): Verdict {
  const { heartbeatErrors, brokerDrops } = evidence;
  const reproduced = heartbeatErrors.length > 0;
  const clean = !reproduced && brokerDrops.length === 0;
  const doubt = firstDoubt(
    () => noAnswer(evidence),
    () => unmatched(evidence),
    () => disagreeing(deployment, evidence),
    () => (reproduced ? undefined : stuckProcess(evidence)),
    () => anotherLogger(deployment, evidence),
    () => (reproduced ? undefined : unknownLine(evidence)),
    () => (clean ? endedOtherwise(deployment, evidence) : undefined),
    // The doubts below can have the row executed again, so they come after what was seen.
    () => unconfirmedHeartbeat(evidence),
    // A line in the log proves that the log works. A silent log needs another proof.
    () => (reproduced ? undefined : unprovenLogger(evidence.server.processes, evidence.applicationLog)),
    () => (clean ? unprovenClean(evidence) : undefined),
  );
  if (doubt) return inconclusive(doubt);
  if (reproduced) return { kind: 'reproduced' };
  return { kind: clean ? 'clean' : 'dropped' };
}

/** The doubt about lines of a lost connection that match no drop. */
export function unmatched({
  heartbeatErrors,
  unreachableLines,
}: Pick<Evidence, 'heartbeatErrors' | 'unreachableLines'>): Doubt | undefined {
  const alone = [...heartbeatErrors, ...unreachableLines].filter(({ drop }) => drop === undefined);
  if (alone.length === 0) return undefined;
  return {
    cause: 'unmatched line',
    reason: `${count(alone.length, 'line')} of a lost connection without a drop in the broker’s log: ${alone.map(({ line }) => line).join(' | ')}`,
  };
}

/** The doubt about frames that contradict the broker's log. */
export function disagreeing(
  { heartbeatSeconds }: Pick<Deployment, 'heartbeatSeconds'>,
  evidence: Pick<Evidence, 'connections'>,
): Doubt | undefined {
  const contradictions = mechanismContradictions(evidence, heartbeatSeconds);
  if (contradictions.length === 0) return undefined;
  return {
    cause: 'frames disagree',
    reason: `the frames and the broker’s log contradict each other: ${contradictions.join(' | ')}`,
  };
}

/** If a process is stuck in Python, its requests are lost. Otherwise the reason is unknown. */
function noAnswer({ requests, workers, notAllowed }: Evidence): Doubt | undefined {
  if (requests.answered > 0) return undefined;
  const [stuck] = workers.stacks;
  if (stuck) {
    return {
      cause: 'requests lost',
      reason: `none of the ${requests.sent} requests was answered, and process ${stuck.pid} was stuck in ${stuck.frames[0]}`,
    };
  }
  const logged = lastException(notAllowed.join('\n')) ?? notAllowed[0]?.split('\n')[0];
  return {
    cause: 'no answer',
    reason: `no request was answered${logged === undefined ? '' : `; the log has: ${logged}`}`,
  };
}

/** A process that no longer answers no longer logs either. */
function stuckProcess({ requests, workers, server, applicationLog }: Evidence): Doubt | undefined {
  const stuck = server.processes.find(({ pid }) => !applicationLog.markerAfter.includes(pid));
  if (!stuck || workers.unanswered === 0) return undefined;
  return {
    cause: 'requests lost',
    reason: `${requests.failed.length} of ${requests.sent} requests were lost, and process ${stuck.pid} did not answer after the window; a stuck process logs nothing`,
  };
}

/** If the record names another logger, a reworded heartbeat error would go unnoticed. */
function anotherLogger(
  deployment: Deployment,
  { otherLoggers = [] }: Pick<Evidence, 'otherLoggers'>,
): Doubt | undefined {
  if (otherLoggers.length === 0) return undefined;
  const { name, heartbeatLogger } = applicationOf(deployment);
  return {
    cause: 'unknown line',
    reason: `the logger ${otherLoggers.join(', ')} wrote a heartbeat error, but the record of ${name} says heartbeatLogger: ${heartbeatLogger}`,
  };
}

/** If a release rewords the heartbeat error, its log only seems to be silent. */
function unknownLine({ unknownLines = [] }: Pick<Evidence, 'unknownLines'>): Doubt | undefined {
  if (unknownLines.length === 0) return undefined;
  return {
    cause: 'unknown line',
    reason: `near a drop, the heartbeat’s logger wrote ${count(unknownLines.length, 'line')} in an unknown form, perhaps a reworded heartbeat error: ${unknownLines.join(' | ')}`,
  };
}

/** A connection that ended during the window was not kept alive, whatever ended it. */
function endedOtherwise(
  { poolTtlSeconds }: Pick<Deployment, 'poolTtlSeconds'>,
  { connections }: Pick<Evidence, 'connections'>,
): Doubt | undefined {
  const isExpected = (ended: string) => ended === 'closed by the client' && poolTtlSeconds !== undefined;
  const ended = connections.all.flatMap(({ name, ended, openedAt, endedAt = openedAt }) =>
    ended === undefined || isExpected(ended)
      ? []
      : [`${name}: ${ended} ${endedAt - openedAt} ms after it was opened`],
  );
  if (ended.length === 0) return undefined;
  return {
    cause: 'connection ended',
    reason: `the broker dropped nothing, but ${count(ended.length, 'connection')} ended in another way: ${ended.join(' | ')}`,
  };
}

function unprovenClean({ requests: { failed, sent }, afterClean }: Evidence): Doubt | undefined {
  if (failed.length > 0) {
    return {
      cause: 'requests lost',
      reason: `${failed.length} of ${sent} requests were lost, so the traffic was not the row’s traffic`,
    };
  }
  if (afterClean?.dropSeen) return undefined;
  return {
    cause: 'no drop seen',
    reason: 'no drop was seen, even after the traffic stopped: the instruments may be blind to drops',
  };
}
