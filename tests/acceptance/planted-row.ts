import { expect } from 'vitest';
import { lookUpParts } from '../../helpers/config/part-files.ts';
import type { DeploymentRow } from '../../helpers/deployment/deployment.ts';
import { informational } from '../../helpers/rows/expectation.ts';
import { type Row, type TrafficRow, trafficRow } from '../../helpers/rows/row.ts';
import { type Phase, type Traffic, times } from '../../helpers/rows/traffic.ts';
import type { Cause } from '../../helpers/verdict/causes.ts';

/** A row that executes with something planted. It expects nothing unless the test says so: its verdict is what counts. */
export function plantedRow(
  served: DeploymentRow,
  { traffic, ...rest }: Partial<Pick<Row, 'expect' | 'fault'>> & { readonly traffic?: Traffic } = {},
): TrafficRow {
  const row: Row = {
    id: 'planted/row',
    deployment: served,
    expect: informational,
    why: 'something is planted',
    ...rest,
  };
  const planned = trafficRow(row, { times: times.compressed }, lookUpParts);
  return traffic ? { ...planned, traffic } : planned;
}

/** Requests that publish, at other times than any traffic of the suite. */
export function amqpTraffic(requests: number, intervalMs: number): Traffic {
  const phase: Phase = { route: 'amqp', requests, intervalMs };
  return { ...times.compressed.traffic.trickle, phases: [phase] };
}

/** The verdict that nothing could be concluded: its cause, and facts that its reason must name, however it is worded. */
export function couldNotTell(cause: Cause, ...facts: readonly (string | RegExp)[]): object {
  return { kind: 'inconclusive', cause, reason: expect.stringMatching(naming(...facts)) };
}

/** Matches a text that has every one of these facts, in any order. */
export function naming(...facts: readonly (string | RegExp)[]): RegExp {
  const each = facts.map((fact) => (typeof fact === 'string' ? escaped(fact) : fact.source));
  return new RegExp(each.map((source) => `(?=.*(?:${source}))`).join(''), 's');
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
