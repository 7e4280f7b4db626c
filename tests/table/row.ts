import { type DeploymentRow, deployment, deploymentName } from '../../helpers/config/deployment.ts';
import type { ScenarioName, Times } from '../../helpers/config/scenario.ts';
import type { Evidence } from '../../helpers/evidence/evidence.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import type { HeartbeatKind } from '../../helpers/verdict/heartbeat.ts';

/** What one writes down of a row of the truth table: a deployment's record, its traffic, and what is expected of them. */
export type TableRow = DeploymentRow & {
  /** `trickle` where it is not said. */
  readonly scenario?: ScenarioName;
  /** The verdict; several where it is a matter of luck, and then all that is certain is that it is one of them. */
  readonly expected: HeartbeatKind | readonly HeartbeatKind[];
  /** `all answered` where it is not said. */
  readonly requests?: HeartbeatRecord['requestsExpected'];
  /** In one sentence. */
  readonly why: string;
  /** What says so, where it is not this suite's own measurement. */
  readonly source?: string;
  /** What the traffic must have been like for another verdict to be wrong; else the reason why it was not. */
  readonly premise?: (evidence: Evidence) => string | undefined;
  /** Errors that this row expects in the logs. */
  readonly declares?: readonly RegExp[];
};

/** How eventlet's log ends where a greenlet of one native thread gave a lock to one of another. */
export const crossThread = /cannot switch to a different thread/;

/** Rows that are played side by side. */
export interface TablePart {
  readonly title: string;
  readonly rows: readonly TableRow[];
}

/** A row as it is played: {@link TableRow} with all that it leaves unsaid. */
export interface Cell
  extends Pick<
      HeartbeatRecord,
      'deployment' | 'scenario' | 'expected' | 'requestsExpected' | 'why' | 'source'
    >,
    Pick<TableRow, 'premise' | 'declares'> {}

/** @throws DeploymentError with one line, before anything is started, for a row that makes no sense. */
export function cellOf(row: TableRow, { heartbeatSeconds, scenarios }: Times): Cell {
  const { expected, requests, why, source, premise, declares, scenario, ...rest } = row;
  return {
    deployment: deployment({ heartbeatSeconds, ...rest }),
    scenario: scenarios[scenario ?? 'trickle'],
    expected: typeof expected === 'string' ? [expected] : expected,
    requestsExpected: requests ?? 'all answered',
    why,
    ...(source !== undefined && { source }),
    ...(premise && { premise }),
    ...(declares && { declares }),
  };
}

/** How a cell's test is called: `event 1 × 25, idle: silent`. */
export function cellTitle({
  deployment,
  scenario,
  expected,
}: Pick<Cell, 'deployment' | 'scenario' | 'expected'>): string {
  const traffic = scenario.name === 'trickle' ? '' : `, ${scenario.name}`;
  return `${deploymentName(deployment)}${traffic}: ${expected.join(' or ')}`;
}
