import type { Evidence } from '../evidence/evidence.ts';
import type { HeartbeatRecord } from './cell-record.ts';

/**
 * What of a cell is not as its row expects, in words, the verdict first; nothing where all is well.
 * A verdict that could not be drawn is one objection by itself. Pure.
 */
export function objections(record: HeartbeatRecord): string[] {
  const { verdict, expected, evidence, requestsExpected } = record;
  if (verdict.kind === 'inconclusive') return [`could not tell: ${verdict.reason}`];
  if (!evidence) return ['there is no evidence'];
  return [
    ...(expected.includes(verdict.kind)
      ? []
      : [`the verdict is ${verdict.kind}, expected ${expected.join(' or ')}`, ...witnesses(evidence)]),
    ...requestObjections(evidence, requestsExpected),
    ...named('a message never arrived', evidence.messages.lost),
    ...(evidence.heartbeatErrorsBefore > 0
      ? [`${evidence.heartbeatErrorsBefore} heartbeat errors before the first AMQP request`]
      : []),
    ...named('nobody declared', evidence.undeclared),
  ];
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

function requestObjections(
  { requests: { failed, sent } }: Evidence,
  expected: HeartbeatRecord['requestsExpected'],
): string[] {
  if (expected === 'all answered') return named('a request failed', failed);
  return expected === 'some lost' && failed.length === 0
    ? [`each of the ${sent} requests was answered, and some should have been lost`]
    : [];
}

function named(what: string, lines: readonly string[]): string[] {
  return lines.map((line) => `${what}: ${line}`);
}
