import { routes } from '../config/scenario.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { SLOW_FROM_MS } from '../evidence/evidence-of.ts';
import { type Cause, causes, type Doubt } from './causes.ts';
import type { HeartbeatRecord } from './cell-record.ts';
import { disagreeing, unmatched } from './heartbeat.ts';
import { deafConductor, unprovenLogger } from './instruments.ts';
import { boundsWords, type Expectation } from './row.ts';
import { countTellers } from './tellers.ts';

/**
 * What of a record is not as its row expects, in words, the verdict first; nothing where all is well. A verdict
 * that could not be drawn is one objection by itself, unless it bears on nothing that the row asserts. Pure.
 */
export function objections(record: HeartbeatRecord): string[] {
  const { verdict, expected, evidence, earlierFindings = [] } = record;
  const against = [...findings(record), ...earlierFindings.map((line) => `in an earlier execution: ${line}`)];
  if (verdict.kind === 'inconclusive' && bearsOn(expected, verdict.cause)) {
    const others = against.filter((line) => line !== verdict.reason);
    return [`could not tell (${verdict.cause}): ${verdict.reason}`, ...others];
  }
  if (!evidence) return ['there is no evidence', ...against];
  const asExpected =
    !expected.verdict || (verdict.kind !== 'inconclusive' && expected.verdict.includes(verdict.kind));
  return [
    ...(asExpected
      ? []
      : [
          `the verdict is ${verdict.kind}, expected ${expected.verdict?.join(' or ')}`,
          ...witnesses(evidence),
        ]),
    ...(asExpected ? tooLittle(evidence, expected) : []),
    ...(verdict.kind === 'reproduced' ? unheard(evidence) : []),
    ...noLoss(evidence, expected),
    ...slowedObjections(evidence, expected),
    ...durationObjections(evidence, expected),
    ...against,
  ];
}

/**
 * What speaks against a row in any execution of it, whatever the verdict: it counts even where a later execution is as
 * expected. What a blind instrument seems to show is left out. Pure.
 */
export function findings({
  deployment,
  expected,
  evidence,
}: Pick<HeartbeatRecord, 'deployment' | 'expected' | 'evidence'>): string[] {
  if (!evidence) return [];
  const { brokerLog, capture } = evidence;
  const [logIsRead, framesAreRead] = [brokerLog, capture].map(
    (it) => it.readToEnd && it.complaint === undefined,
  );
  return [
    ...(expected.requests === 'all answered' ? named('a request failed', evidence.requests.failed) : []),
    ...(deafConductor(evidence) === undefined
      ? named('a message never arrived', evidence.messages.lost)
      : []),
    ...(evidence.heartbeatErrorsBefore > 0
      ? [`${evidence.heartbeatErrorsBefore} heartbeat errors before the first AMQP request`]
      : []),
    ...reasonsOf(logIsRead ? unmatched(evidence) : undefined),
    ...reasonsOf(logIsRead && framesAreRead ? disagreeing(deployment, evidence) : undefined),
    ...named('nobody declared', evidence.undeclared),
  ];
}

/** Of a heartbeat that could not be judged, who asks for neither its verdict nor its price need know nothing. */
export function bearsOn({ verdict, slowed }: Expectation, cause: Cause): boolean {
  return causes[cause].of === 'run' || verdict !== undefined || slowed !== 'reported';
}

/**
 * A request that took long, and for which its process logged no reconnect, may have met a dead connection all the
 * same: where none may be slowed, nothing can be told then. Pure.
 */
export function slowRequests(
  { slowed, otherwiseBelowMs = SLOW_FROM_MS }: Expectation,
  { requests: { slowOtherwiseMs, sent } }: Pick<Evidence, 'requests'>,
): Doubt | undefined {
  const slow = slowOtherwiseMs.filter((ms) => ms >= otherwiseBelowMs);
  if (slowed !== 'none' || slow.length === 0) return undefined;
  return {
    cause: 'slow requests',
    reason: `${slow.length} of ${sent} requests took ${otherwiseBelowMs} ms or more, the longest ${Math.max(...slow)} ms, and no line of the log says why`,
  };
}

/** What a verdict rests on: the figures, and one line of each log. */
function witnesses({ heartbeatErrors, brokerDrops, connections, requests }: Evidence): string[] {
  const shares = Object.values(requests.perProcess).sort((a, b) => b - a);
  return [
    `heartbeat errors ${heartbeatErrors.length}, broker drops ${brokerDrops.length}, connections opened ${connections.opened}, requests per process ${shares.join(' ')}`,
    ...heartbeatErrors.slice(0, 1).map(({ line }) => `application’s log: ${line}`),
    ...brokerDrops.slice(0, 1).map(({ lines }) => `broker’s log: ${lines.join(' ')}`),
  ];
}

/** A verdict, or a price, that rests on fewer events than the row has at least. */
function tooLittle({ brokerDrops, requests }: Evidence, { least = {}, slowed }: Expectation): string[] {
  const { drops = 0, loggedByHeartbeat = 0, slowed: leastSlowed = 0 } = least;
  const logged = countTellers(brokerDrops).heartbeat;
  const { slowedMs, sent } = requests;
  return [
    ...(brokerDrops.length < drops
      ? [`the broker dropped ${brokerDrops.length} connections, expected ${drops} at least`]
      : []),
    ...(logged < loggedByHeartbeat * brokerDrops.length
      ? [
          `the heartbeat logged ${logged} of ${brokerDrops.length} drops first, expected ${percent(loggedByHeartbeat)} at least`,
        ]
      : []),
    ...(slowed === 'some' && slowedMs.length > 0 && slowedMs.length < leastSlowed * sent
      ? [
          `${slowedMs.length} of ${sent} requests were slowed by a reconnect, expected ${percent(leastSlowed)} at least`,
        ]
      : []),
  ];
}

/** What the log shows proves the verdict; that it shows no error needs a log that still works. */
function unheard(evidence: Evidence): string[] {
  return evidence.workers.unanswered > 0
    ? []
    : reasonsOf(unprovenLogger(evidence.server.processes, evidence.applicationLog));
}

function noLoss({ requests: { failed, sent } }: Evidence, { requests }: Expectation): string[] {
  return requests === 'some lost' && failed.length === 0
    ? [`each of the ${sent} requests was answered, and some should have been lost`]
    : [];
}

function slowedObjections({ requests: { slowedMs, sent } }: Evidence, { slowed }: Expectation): string[] {
  if (slowed === 'none' && slowedMs.length > 0) {
    return [`${slowedMs.length} of ${sent} requests were slowed by a reconnect, and none should have been`];
  }
  return slowed === 'some' && slowedMs.length === 0
    ? [`none of the ${sent} requests was slowed by a reconnect, and some should have been`]
    : [];
}

function durationObjections({ requests }: Evidence, { answersMs = {} }: Expectation): string[] {
  return routes.flatMap((route) => {
    const bounds = answersMs[route];
    if (!bounds) return [];
    const { atLeast = 0, below = Number.POSITIVE_INFINITY } = bounds;
    const median = requests.medianMsOf?.[route];
    if (median !== undefined && median >= atLeast && median < below) return [];
    const found = median === undefined ? 'there is no answer' : `the median answer took ${median} ms`;
    return [`${route}: ${found}, expected ${boundsWords(bounds)}`];
  });
}

function reasonsOf(doubt: Doubt | undefined): string[] {
  return doubt ? [doubt.reason] : [];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A line for each of them. */
export function named(what: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${what}: ${line}`);
}
