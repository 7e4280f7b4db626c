import '../../helpers/report/task-meta.ts';
import { join } from 'node:path';
import { expect, type TestContext } from 'vitest';
import { stubApi } from '../../helpers/config/application.ts';
import { deploymentName } from '../../helpers/config/deployment.ts';
import { type Evidence, evidenceOf } from '../../helpers/evidence/evidence.ts';
import type { Observation } from '../../helpers/evidence/observation.ts';
import { type ObserveOptions, observe } from '../../helpers/evidence/observe.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { logsFolder, REPORTS, saveLogs } from '../../helpers/report/logs.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { objections } from '../../helpers/verdict/expectation.ts';
import { type HeartbeatVerdict, heartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';
import type { Cell } from '../table/row.ts';
import { tellOf } from './tell.ts';

/** Plays and judges a row beside others; an inconclusive one once more, alone. */
export async function heartbeatRecord(
  lab: Lab,
  { premise, declares = [], ...row }: Cell,
  { task }: Pick<TestContext, 'task'>,
  options: ObserveOptions = {},
): Promise<HeartbeatRecord> {
  const { tell, progress, heard } = tellOf(task);
  const application = {
    ...stubApi,
    expectedErrors: [...stubApi.expectedErrors, ...declares],
  };
  const play = async (): Promise<HeartbeatRecord> => {
    let seen: Observation;
    try {
      seen = await observe(lab, row, { tell, progress, takeTurn: lab.turns.take, application, ...options });
    } catch (error) {
      const reason = `the cell could not be played: ${(error as Error).message}`;
      return { kind: 'heartbeat', ...row, earlier, verdict: { kind: 'inconclusive', reason } };
    }
    const evidence = evidenceOf(seen);
    tell('after', sentence(evidence));
    let verdict: HeartbeatVerdict = heartbeatVerdict(row.deployment, row.scenario, evidence);
    // A verdict that the row expects needs no premise: it is what was seen, whatever the traffic.
    const asExpected = verdict.kind === 'inconclusive' || row.expected.includes(verdict.kind);
    const missing = asExpected ? undefined : premise?.(evidence);
    if (missing !== undefined) verdict = { kind: 'inconclusive', reason: missing };
    const record: HeartbeatRecord = { kind: 'heartbeat', ...row, earlier, verdict, evidence };
    if (objections(record).length > 0) await saveLogs(task.name, seen);
    return record;
  };

  let earlier: readonly HeartbeatVerdict[] = [];
  let record = await lab.turns.take('beside others', play);
  if (record.verdict.kind === 'inconclusive') {
    tell('again', `inconclusive, so once more, alone: ${record.verdict.reason}`);
    progress({ step: 'waits until it is alone' });
    earlier = [record.verdict];
    record = await lab.turns.take('alone', play);
  }
  task.meta.cell = record;
  tell('verdict', record.verdict.kind);
  if (record.verdict.kind === 'inconclusive') tell('reason', record.verdict.reason);
  await heard();
  return record;
}

function sentence({ heartbeatErrors, brokerDrops, requests }: Evidence): string {
  return `heartbeat errors in the log: ${heartbeatErrors.length}; connections the broker dropped: ${brokerDrops.length}; requests slowed by a reconnect: ${requests.slowedMs.length} of ${requests.sent}`;
}

/** A failing test prints so many lines of what speaks against it; the rest is in the logs. */
const MOST_LINES = 5;

/** Fails unless the verdict is the expected one and everything else about the run was in order. */
export function expectAsTold(record: HeartbeatRecord, { name }: { name: string }): void {
  const against = objections(record);
  if (against.length === 0) return;
  const { deployment, expected, why } = record;
  const more = against.length > MOST_LINES ? [`… and ${against.length - MOST_LINES} more`] : [];
  const failure = new Error(
    [
      `${deploymentName(deployment)} should be ${expected.join(' or ')}: ${why}`,
      ...against.slice(0, MOST_LINES),
      ...more,
      `all of it: ${logsFolder(name)} and ${join(REPORTS, 'results.json')}`,
    ].join('\n'),
  );
  // The row's test is where a reader should look, not this function.
  Error.captureStackTrace(failure, expectAsTold);
  throw failure;
}

/** Fails unless every heartbeat error is the line that this loop prints, to the letter. */
export function expectLines({ evidence }: HeartbeatRecord, line: RegExp): void {
  for (const error of evidence?.heartbeatErrors ?? []) expect(error.line).toMatch(line);
}
