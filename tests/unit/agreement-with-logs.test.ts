import { expect, test } from 'vitest';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import {
  agreementMarkdown,
  comparedWithLogs,
  type EvidentRow,
  notRight,
  userOf,
} from '../../helpers/report/diagnosis/agreement-with-logs.ts';
import { diagnosisOf } from './fixtures/made-up-lines.ts';
import { recordedLogs } from './fixtures/recorded-logs.ts';
import { recorded } from './recorded/index.ts';

const seen = recorded('prefork-8');
const evidence = evidenceOf(seen);
const logs = recordedLogs('prefork-8');

function compared(of: Evidence) {
  const row: EvidentRow = {
    kind: 'row',
    id: 'article/prefork-8',
    verdict: { kind: 'reproduced' },
    traffic: seen.traffic,
    fault: undefined,
    evidence: of,
  };
  return comparedWithLogs(row, diagnosisOf(logs, 0), seen.user);
}

test('the diagnosis of a real run’s logs agrees with the suite', () => {
  const all = compared(evidence);
  expect(all.map(({ fact, answer }) => [fact, answer])).toEqual([
    ['drops of each process', 'right'],
    ['logged by', 'right'],
    ['verdict', 'right'],
    ['cause', 'right'],
    ['slowed requests', 'right'],
  ]);
});

test('a diagnosis that contradicts the suite is wrong, and the table says so', () => {
  const all = compared({ ...evidence, brokerDrops: evidence.brokerDrops.slice(1) });
  expect(all.filter(({ answer }) => answer === 'wrong').map(({ fact }) => fact)).toContain(
    'drops of each process',
  );
  expect(agreementMarkdown(all).join('\n')).toContain('| drops of each process | 1 | 0 | 0 | 1 |');
  expect(notRight(all)).toContainEqual(
    expect.stringMatching(/^article\/prefork-8, drops of each process: wrong: /),
  );
});

test('logs of another run are not compared', () => {
  expect(userOf(evidence, logs['broker.log'])).toBe(seen.user);
  expect(userOf(evidence, [])).toBeUndefined();
});
