import '../../helpers/report/task-meta.ts';
import { expect, type TestContext } from 'vitest';
import { stubApi } from '../../helpers/config/application.ts';
import { deploymentName } from '../../helpers/config/deployment.ts';
import { type Evidence, evidenceOf } from '../../helpers/evidence/evidence.ts';
import type { Observation } from '../../helpers/evidence/observation.ts';
import { type ObserveOptions, observe } from '../../helpers/evidence/observe.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { Turns } from '../../helpers/lab/turns.ts';
import { logsFolder, saveLogs } from '../../helpers/report/logs.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { objections } from '../../helpers/verdict/expectation.ts';
import { type HeartbeatVerdict, heartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';
import type { Cell } from '../table/row.ts';

/** Who may work beside whom in a file. */
export const turns = new Turns();

/** Plays and judges a row beside others; an inconclusive one once more, alone. */
export async function heartbeatRecord(
  lab: Lab,
  { premise, declares = [], ...row }: Cell,
  { task, annotate }: Pick<TestContext, 'task' | 'annotate'>,
  options: ObserveOptions = {},
): Promise<HeartbeatRecord> {
  const told: Promise<unknown>[] = [];
  const tell: ObserveOptions['tell'] = (step, text) => void told.push(annotate(text, step));
  const application = {
    ...stubApi,
    expectedErrors: [...stubApi.expectedErrors, ...declares],
  };
  const play = async (): Promise<HeartbeatRecord> => {
    let seen: Observation;
    try {
      seen = await observe(lab, row, { tell, takeTurn: turns.inOrder, application, ...options });
    } catch (error) {
      const reason = `the cell could not be played: ${(error as Error).message}`;
      return { kind: 'heartbeat', ...row, earlier, verdict: { kind: 'inconclusive', reason } };
    }
    const evidence = evidenceOf(seen);
    tell('after', sentence(evidence));
    const missing = premise?.(evidence);
    const verdict: HeartbeatVerdict =
      missing === undefined
        ? heartbeatVerdict(row.deployment, row.scenario, evidence)
        : { kind: 'inconclusive', reason: missing };
    const record: HeartbeatRecord = { kind: 'heartbeat', ...row, earlier, verdict, evidence };
    if (objections(record).length > 0) await saveLogs(task.name, seen);
    return record;
  };

  let earlier: readonly HeartbeatVerdict[] = [];
  let record = await turns.shared(play);
  if (record.verdict.kind === 'inconclusive') {
    earlier = [record.verdict];
    record = await turns.exclusive(play);
  }
  task.meta.cell = record;
  told.push(annotate(record.verdict.kind, 'verdict'));
  if (record.verdict.kind === 'inconclusive') told.push(annotate(record.verdict.reason, 'reason'));
  await Promise.all(told);
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
  throw new Error(
    [
      `${deploymentName(deployment)} should be ${expected.join(' or ')}: ${why}`,
      ...against.slice(0, MOST_LINES),
      ...more,
      `logs: ${logsFolder(name)}`,
    ].join('\n'),
  );
}

/** Fails unless every heartbeat error is the line that this loop prints, to the letter. */
export function expectLines({ evidence }: HeartbeatRecord, line: RegExp): void {
  for (const error of evidence?.heartbeatErrors ?? []) expect(error.line).toMatch(line);
}
