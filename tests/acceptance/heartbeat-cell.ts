import '../../helpers/report/task-meta.ts';
import { isDeepStrictEqual } from 'node:util';
import { expect, type TestContext } from 'vitest';
import { type Deployment, deploymentName } from '../../helpers/config/deployment.ts';
import type { Scenario } from '../../helpers/config/scenario.ts';
import { type Evidence, evidenceOf } from '../../helpers/evidence/evidence.ts';
import type { Observation } from '../../helpers/evidence/observation.ts';
import { type ObserveOptions, observe } from '../../helpers/evidence/observe.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { Turns } from '../../helpers/lab/turns.ts';
import { logsFolder, saveLogs } from '../../helpers/report/logs.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { type HeartbeatVerdict, heartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';

/** A row of a heartbeat table: a deployment, the verdict expected of it, and why. */
export interface HeartbeatRow {
  readonly deployment: Deployment;
  readonly expected: HeartbeatRecord['expected'];
  readonly why: string;
  /** What the traffic must have been like for this row to say anything; else the reason why it was not. */
  readonly premise?: (evidence: Evidence) => string | undefined;
}

const turns = new Turns();

/** Plays and judges a row beside others; an inconclusive one once more, alone. */
export async function heartbeatRecord(
  lab: Lab,
  { deployment, expected, why, premise }: HeartbeatRow,
  scenario: Scenario,
  { task, annotate }: Pick<TestContext, 'task' | 'annotate'>,
  options: ObserveOptions = {},
): Promise<HeartbeatRecord> {
  const told: Promise<unknown>[] = [];
  const tell: ObserveOptions['tell'] = (step, text) => void told.push(annotate(text, step));
  const play = async (): Promise<Pick<HeartbeatRecord, 'verdict' | 'evidence'>> => {
    let seen: Observation;
    try {
      seen = await observe(lab, { deployment, scenario }, { tell, takeTurn: turns.inOrder, ...options });
    } catch (error) {
      return {
        verdict: {
          kind: 'inconclusive',
          reason: `the cell could not be played: ${(error as Error).message}`,
        },
      };
    }
    const evidence = evidenceOf(seen);
    tell('after', sentence(evidence));
    const missing = premise?.(evidence);
    const verdict: HeartbeatVerdict =
      missing === undefined
        ? heartbeatVerdict(deployment, scenario, evidence)
        : { kind: 'inconclusive', reason: missing };
    if (verdict.kind !== expected || !isInOrder(evidence)) await saveLogs(task.name, seen);
    return { verdict, evidence };
  };

  let result = await turns.shared(play);
  const earlier: HeartbeatVerdict[] = [];
  if (result.verdict.kind === 'inconclusive') {
    earlier.push(result.verdict);
    result = await turns.exclusive(play);
  }
  const record: HeartbeatRecord = {
    kind: 'heartbeat',
    deployment,
    scenario,
    expected,
    why,
    earlier,
    ...result,
  };
  task.meta.cell = record;
  told.push(annotate(record.verdict.kind, 'verdict'));
  if (record.verdict.kind === 'inconclusive') told.push(annotate(record.verdict.reason, 'reason'));
  await Promise.all(told);
  return record;
}

const nothingWrong = { heartbeatErrorsBefore: 0, failedRequests: [], lostMessages: [], undeclaredLines: [] };

/** What has to be {@link nothingWrong}, whatever the verdict. */
function orderOf(evidence: Evidence): { [Fact in keyof typeof nothingWrong]: unknown } {
  return {
    heartbeatErrorsBefore: evidence.heartbeatErrorsBefore,
    failedRequests: evidence.requests.failed,
    lostMessages: evidence.messages.lost,
    undeclaredLines: evidence.undeclared,
  };
}

function isInOrder(evidence: Evidence): boolean {
  return isDeepStrictEqual(orderOf(evidence), nothingWrong);
}

function sentence({ heartbeatErrors, brokerDrops, requests }: Evidence): string {
  return `heartbeat errors in the log: ${heartbeatErrors.length}; connections the broker dropped: ${brokerDrops.length}; requests slowed by a reconnect: ${requests.slowedMs.length} of ${requests.sent}`;
}

/** Fails unless the verdict is the expected one and everything else about the run was in order. */
export function expectAsTold(
  { verdict, expected, evidence, why, deployment }: HeartbeatRecord,
  { name }: { name: string },
): void {
  const logs = `logs: ${logsFolder(name)}`;
  if (verdict.kind === 'inconclusive') throw new Error(`could not tell: ${verdict.reason}\n${logs}`);
  expect(
    { verdict: verdict.kind, ...(evidence && orderOf(evidence)) },
    `${deploymentName(deployment)} should be ${expected}: ${why}\n${logs}`,
  ).toEqual({ verdict: expected, ...nothingWrong });
}

/** Fails unless every heartbeat error is the line that this loop prints, to the letter. */
export function expectLines({ evidence }: HeartbeatRecord, line: RegExp): void {
  for (const error of evidence?.heartbeatErrors ?? []) expect(error.line).toMatch(line);
}
