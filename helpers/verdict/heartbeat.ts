import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import type { Scenario } from '../config/scenario.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { lastException } from '../evidence/application-log.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { causeNames, type Doubt } from './causes.ts';
import { blindInstrument, unprovenLogger } from './instruments.ts';
import { mechanismContradictions } from './mechanism.ts';
import { serverDifference } from './server-difference.ts';

/**
 * What became of the heartbeat.
 * - `reproduced`: the broker dropped connections, and the heartbeat told of it in the application's log.
 * - `dropped`: the broker dropped connections, and no heartbeat error is in the log, whatever the requests
 *   logged.
 * - `clean`: neither, every connection lived, and the same instruments have then seen a drop.
 */
export const heartbeatKinds = ['reproduced', 'dropped', 'clean'] as const;
export type HeartbeatKind = (typeof heartbeatKinds)[number];

export const heartbeatVerdictSchema = z
  .union([
    z.strictObject({ kind: z.enum(heartbeatKinds) }),
    z.strictObject({
      kind: z.literal('inconclusive'),
      cause: z.enum(causeNames),
      reason: z.string().describe('in a sentence, with what was seen'),
    }),
  ])
  .meta({ id: 'heartbeatVerdict' });
export type HeartbeatVerdict = Frozen<z.infer<typeof heartbeatVerdictSchema>>;

type Judged = (
  deployment: Deployment,
  scenario: Pick<Scenario, 'latestMs'>,
  evidence: Evidence,
) => Doubt | undefined;

/** Draws the verdict. Pure: nothing but what was observed decides, the expectation least of all. */
export function heartbeatVerdict(
  deployment: Deployment,
  scenario: Pick<Scenario, 'latestMs'>,
  evidence: Evidence,
): HeartbeatVerdict {
  for (const doubtOf of doubts) {
    const doubt = doubtOf(deployment, scenario, evidence);
    if (doubt) return { kind: 'inconclusive', ...doubt };
  }
  if (isReproduced(evidence)) return { kind: 'reproduced' };
  return { kind: evidence.brokerDrops.length > 0 ? 'dropped' : 'clean' };
}

/** Reasons why nothing can be concluded; the first that applies counts. */
const doubts: readonly Judged[] = [
  (deployment, _, { server }) => {
    const different = serverDifference(deployment, server);
    return different === undefined
      ? undefined
      : { cause: 'another server', reason: `the server is not what the deployment says: ${different}` };
  },
  (_deployment, _scenario, evidence) => blindInstrument(evidence),
  (_, scenario, evidence) => lateTraffic(scenario, evidence),
  (_deployment, _scenario, evidence) => noAnswer(evidence),
  (_deployment, _scenario, evidence) => unmatched(evidence),
  (deployment, _, evidence) => disagreeing(deployment, evidence),
  (_deployment, _scenario, evidence) => (isReproduced(evidence) ? undefined : stuckProcess(evidence)),
  (_deployment, _scenario, evidence) => unconfirmedHeartbeat(evidence),
  // What the log shows is proof enough that it shows something; what it does not show needs another one.
  (_deployment, _scenario, evidence) =>
    isReproduced(evidence) ? undefined : unprovenLogger(evidence.server.processes, evidence.applicationLog),
  (_deployment, _scenario, evidence) => (isReproduced(evidence) ? undefined : unknownLine(evidence)),
  (deployment, _scenario, evidence) => (isClean(evidence) ? endedOtherwise(deployment, evidence) : undefined),
  (_deployment, _scenario, evidence) => (isClean(evidence) ? unprovenClean(evidence) : undefined),
];

function isReproduced({ heartbeatErrors }: Evidence): boolean {
  return heartbeatErrors.length > 0;
}

function isClean({ heartbeatErrors, brokerDrops }: Evidence): boolean {
  return heartbeatErrors.length === 0 && brokerDrops.length === 0;
}

/** Lines that tell of a lost connection where the broker dropped none. */
export function unmatched({
  heartbeatErrors,
  unreachableLines,
}: Pick<Evidence, 'heartbeatErrors' | 'unreachableLines'>): Doubt | undefined {
  const alone = [...heartbeatErrors, ...unreachableLines].filter(({ drop }) => drop === undefined);
  if (alone.length === 0) return undefined;
  return {
    cause: 'unmatched line',
    reason: `${counted(alone.length, 'line')} of a lost connection match no connection that the broker dropped: ${alone.map(({ line }) => line).join(' | ')}`,
  };
}

/** What the frames say against the broker's log. */
export function disagreeing(
  { heartbeatSeconds }: Pick<Deployment, 'heartbeatSeconds'>,
  evidence: Pick<Evidence, 'connections'>,
): Doubt | undefined {
  const contradictions = mechanismContradictions(evidence, heartbeatSeconds);
  if (contradictions.length === 0) return undefined;
  return {
    cause: 'frames disagree',
    reason: `the frames and the broker’s log do not agree: ${contradictions.join(' | ')}`,
  };
}

/** A release may word a lost connection anew: then its log only seems to say nothing of it. */
function unknownLine({ unknownLines = [] }: Pick<Evidence, 'unknownLines'>): Doubt | undefined {
  if (unknownLines.length === 0) return undefined;
  return {
    cause: 'unknown line',
    reason: `the heartbeat’s logger wrote ${counted(unknownLines.length, 'line')} beside a dropped connection that no known form matches, perhaps the heartbeat error in other words: ${unknownLines.join(' | ')}`,
  };
}

/** A connection that did not live through the window was not kept alive, whoever ended it. */
function endedOtherwise(
  { poolTtlSeconds }: Pick<Deployment, 'poolTtlSeconds'>,
  { connections }: Pick<Evidence, 'connections'>,
): Doubt | undefined {
  const ended = connections.all.filter(
    (it) => it.ended !== undefined && !(it.ended === 'closed by the client' && poolTtlSeconds !== undefined),
  );
  if (ended.length === 0) return undefined;
  const each = ended.map(
    ({ name, ended, openedAt, endedAt = openedAt }) =>
      `${name}: ${ended} ${endedAt - openedAt} ms after it was opened`,
  );
  return {
    cause: 'connection ended',
    reason: `the broker dropped nothing, but ${counted(ended.length, 'connection')} ended in another way: ${each.join(' | ')}`,
  };
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** Where the processes stand in Python with the requests, they have lost them; else nobody knows where these went. */
function noAnswer({ requests, workers, undeclared }: Evidence): Doubt | undefined {
  if (requests.answered > 0) return undefined;
  const [stuck] = workers.stacks;
  if (stuck) {
    return {
      cause: 'requests lost',
      reason: `none of the ${requests.sent} requests was answered, and process ${stuck.pid} stood in ${stuck.frames[0]} then`,
    };
  }
  const said = lastException(undeclared.join('\n')) ?? undeclared[0]?.split('\n')[0];
  return {
    cause: 'no answer',
    reason: `no request was answered${said === undefined ? '' : `; its log has: ${said}`}`,
  };
}

/** A process that has stopped answering logs nothing any more either. */
function stuckProcess({ requests, workers, server, applicationLog }: Evidence): Doubt | undefined {
  const stuck = server.processes.find(({ pid }) => !applicationLog.markedAfter.includes(pid));
  if (!stuck || workers.unanswered === 0) return undefined;
  return {
    cause: 'requests lost',
    reason: `${requests.failed.length} of ${requests.sent} requests were lost, and process ${stuck.pid} did not answer after the window either: what a stuck process does not log says nothing`,
  };
}

/** A request that left late was not the traffic that the row promises. */
export function lateTraffic(
  { latestMs: bound }: Pick<Scenario, 'latestMs'>,
  { requests: { latestMs } }: Pick<Evidence, 'requests'>,
): Doubt | undefined {
  if (latestMs <= bound) return undefined;
  return {
    cause: 'late traffic',
    reason: `traffic was later than promised: a request left ${latestMs} ms after it was due, the bound is ${bound} ms`,
  };
}

/** Each process that opened an AMQP connection must say what heartbeat it has, and the broker must know of each. */
export function unconfirmedHeartbeat({
  server,
  connections,
}: Pick<Evidence, 'server' | 'connections'>): Doubt | undefined {
  const connected = new Set(connections.all.flatMap(({ pid }) => pid ?? []));
  const unknown = server.processes.find(({ pid, connections: own }) => !connected.has(pid) && own.length > 0);
  if (unknown) {
    return {
      cause: 'blind instrument',
      reason: `process ${unknown.pid} has an AMQP connection of which the broker’s log knows nothing: it is the log of another broker, or not all of it`,
    };
  }
  const silent = server.processes.find(({ pid, connections: own }) => connected.has(pid) && own.length === 0);
  if (!silent) return undefined;
  const itself = server.versions['oslo.messaging'] ? '' : ' (its module’s connections() is to say it)';
  return {
    cause: 'heartbeat not confirmed',
    reason: `process ${silent.pid} opened an AMQP connection, and did not say what heartbeat it has: after the window it was asked, and either gave no answer or had none to show${itself}`,
  };
}

function unprovenClean({ requests: { failed, sent }, afterClean }: Evidence): Doubt | undefined {
  if (failed.length > 0) {
    return {
      cause: 'requests lost',
      reason: `${failed.length} of ${sent} requests were lost: the traffic was not what would have kept, or killed, a connection`,
    };
  }
  if (afterClean?.dropSeen) return undefined;
  return {
    cause: 'no drop seen',
    reason: 'the window was clean, but the instruments then saw no drop either when the traffic had stopped',
  };
}
