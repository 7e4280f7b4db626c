import { expect } from 'vitest';
import { lookUpParts } from '../../helpers/config/part-files.ts';
import type { DeploymentInput } from '../../helpers/deployment/deployment.ts';
import { type ExecuteOptions, executeOnce } from '../../helpers/execution/execute-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import type { RowRecord } from '../../helpers/record/record.ts';
import { informational } from '../../helpers/rows/expectation.ts';
import { type Row, type TrafficRow, trafficRow } from '../../helpers/rows/row.ts';
import { type Phase, type Traffic, times } from '../../helpers/rows/traffic.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';

/** A row for a planted fault. It asserts nothing unless the test says so, because only its verdict matters. */
export function plantedRow(
  served: DeploymentInput,
  { traffic, ...rest }: Partial<Pick<Row, 'expect' | 'fault'>> & { readonly traffic?: Traffic } = {},
): TrafficRow {
  const row: Row = {
    id: 'planted/row',
    deployment: served,
    expect: informational,
    why: 'a fault is planted',
    ...rest,
  };
  const planned = trafficRow(row, { times: times.compressed }, lookUpParts);
  return traffic ? { ...planned, traffic } : planned;
}

/**
 * Executes a planted row. A row whose traffic a busy machine delayed is executed once more, alone.
 *
 * @param plant makes the options of each execution.
 */
export async function executePlanted(
  lab: Lab,
  row: TrafficRow,
  plant: (lab: Lab) => ExecuteOptions,
): Promise<RowRecord> {
  const execute = (slot: 'shared' | 'alone') => lab.slots.take(slot, () => executeOnce(lab, row, plant(lab)));
  const record = await execute('shared');
  const { verdict } = record;
  return verdict.kind === 'inconclusive' && verdict.cause === 'late traffic' ? execute('alone') : record;
}

/** Traffic of requests that publish, at a given interval. */
export function amqpTraffic(requests: number, intervalMs: number): Traffic {
  const phase: Phase = { route: 'amqp', requests, intervalMs };
  return { ...times.compressed.traffic.trickle, phases: [phase] };
}

/** Matches an inconclusive verdict by its cause and the facts in its reason, whatever the wording. */
export function couldNotTell(cause: Cause, ...facts: readonly (string | RegExp)[]): object {
  return { kind: 'inconclusive', cause, reason: expect.stringMatching(naming(...facts)) };
}

/** Matches a text that contains all of these facts, in any order. */
export function naming(...facts: readonly (string | RegExp)[]): RegExp {
  const each = facts.map((fact) => (typeof fact === 'string' ? escaped(fact) : fact.source));
  return new RegExp(each.map((source) => `(?=.*(?:${source}))`).join(''), 's');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
