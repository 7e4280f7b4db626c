import { routes } from '../config/scenario.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type Cause, causes } from './causes.ts';
import type { HeartbeatRecord } from './cell-record.ts';
import { boundsWords, type Expectation } from './row.ts';

/**
 * What of a record is not as its row expects, in words, the verdict first; nothing where all is well. A verdict
 * that could not be drawn is one objection by itself, unless it bears on nothing that the row asserts. Pure.
 */
export function objections({ verdict, expected, evidence }: HeartbeatRecord): string[] {
  if (verdict.kind === 'inconclusive' && bearsOn(expected, verdict.cause)) {
    return [`could not tell (${verdict.cause}): ${verdict.reason}`];
  }
  if (!evidence) return ['there is no evidence'];
  const asExpected =
    !expected.verdict || (verdict.kind !== 'inconclusive' && expected.verdict.includes(verdict.kind));
  return [
    ...(asExpected
      ? []
      : [
          `the verdict is ${verdict.kind}, expected ${expected.verdict?.join(' or ')}`,
          ...witnesses(evidence),
        ]),
    ...requestObjections(evidence, expected),
    ...slowedObjections(evidence, expected),
    ...durationObjections(evidence, expected),
    ...named('a message never arrived', evidence.messages.lost),
    ...(evidence.heartbeatErrorsBefore > 0
      ? [`${evidence.heartbeatErrorsBefore} heartbeat errors before the first AMQP request`]
      : []),
    ...named('nobody declared', evidence.undeclared),
  ];
}

/** Of a heartbeat that could not be judged, who asks for neither its verdict nor its price need know nothing. */
export function bearsOn({ verdict, slowed }: Expectation, cause: Cause): boolean {
  return causes[cause].of === 'run' || verdict !== undefined || slowed !== 'reported';
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

function requestObjections({ requests: { failed, sent } }: Evidence, { requests }: Expectation): string[] {
  if (requests === 'all answered') return named('a request failed', failed);
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

/** A line for each of them. */
export function named(what: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${what}: ${line}`);
}
