import { routeName } from '../deployment/deployment.ts';
import type { Replacement } from '../evidence/disturbance-facts.ts';
import type { DisturbanceRecord } from './cell-record.ts';
import { shareOf } from './disturbance-row.ts';
import { named } from './expectation.ts';
import { deafConductor } from './instruments.ts';

/** What of a record is not as its row expects, in words; nothing where all is well. Pure. */
export function disturbanceObjections(record: DisturbanceRecord): string[] {
  const { deployment, verdict, expected, evidence, facts, earlierFindings = [] } = record;
  const against = [
    ...disturbanceFindings(record),
    ...earlierFindings.map((line) => `in an earlier execution: ${line}`),
  ];
  if (verdict.kind === 'inconclusive') {
    return [`could not tell (${verdict.cause}): ${verdict.reason}`, ...against];
  }
  if (!evidence || !facts) return ['there is no evidence', ...against];
  const wrong = expected.verdict !== undefined && verdict.kind !== expected.verdict;
  const { plain } = facts.routes;
  const share = plain && shareOf(plain.meanwhile);
  const why = verdict.kind === 'not recovered' ? ` (${verdict.reason})` : '';
  return [
    ...(wrong ? [`the verdict is ${verdict.kind}${why}, expected ${expected.verdict}`] : []),
    ...(expected.plainMeanwhile !== undefined && share !== expected.plainMeanwhile
      ? [
          `${share} of the requests on ${routeName(deployment, 'plain')} were answered meanwhile (${plain?.meanwhile.answered} of ${plain?.meanwhile.sent}), expected ${expected.plainMeanwhile}`,
        ]
      : []),
    ...(expected.leftBehind ? leftBehindObjections(expected.leftBehind, facts.replacement) : []),
    ...against,
  ];
}

/** What speaks against a row in any execution of it, whatever the verdict. Pure. */
export function disturbanceFindings({
  expected,
  evidence,
}: Pick<DisturbanceRecord, 'expected' | 'evidence'>): string[] {
  if (!evidence) return [];
  const mayLose = expected.lost !== 'nothing';
  return [
    ...(mayLose ? [] : named('a request failed', evidence.requests.failed)),
    ...(mayLose || deafConductor(evidence) !== undefined
      ? []
      : named('a message never arrived', evidence.messages.lost)),
    ...named('nobody declared', evidence.undeclared),
  ];
}

function leftBehindObjections(
  expected: 'nothing' | 'something',
  replacement: Replacement | undefined,
): string[] {
  if (!replacement) return ['nobody looked for old processes'];
  const found = [
    ...replacement.left.map((pid) => `process ${pid} has not ended`),
    ...named('the broker still has a connection of an old process', replacement.connectionsLeft),
  ];
  if (expected === 'nothing') return found;
  return found.length > 0 ? [] : ['each old process has ended, and one at least should not have'];
}
