import { inject } from 'vitest';
import { applicationOfRun } from '../../helpers/applications/own-application.ts';
import { lookUpParts } from '../../helpers/config/part-files.ts';
import {
  type Deployment,
  type DeploymentRow,
  deployment,
  deploymentName,
  type LookUp,
  RefusedError,
} from '../../helpers/deployment/deployment.ts';
import {
  idWithParts,
  type PlannedRow,
  planRow,
  type Row,
  type RowGroup,
  type Settings,
  titleOf,
} from '../../helpers/rows/row.ts';
import { times } from '../../helpers/rows/traffic.ts';

const { options, parts } = inject('lab');

/** What the options of the run decide about every row. */
export const settingsOfRun: Settings = { ...options, times: times[options.times] };

/** The user's own application, which serves every row that names none; undefined: the suite's serves them. */
export const ownApplication = applicationOfRun(options);
const served: Pick<DeploymentRow, 'application'> = ownApplication ? { application: ownApplication.name } : {};

/** Looks up the parts that a row names, and adds them to those of the run. */
export const partsOfRun: LookUp = (written) => ({ ...parts, ...lookUpParts(written) });

/** What a test executes, after its title; or why the user's own application cannot be served so. */
export type Titled<T> = readonly [title: string, planned: T | RefusedError];

/** A deployment as the run serves it. @throws DeploymentError see {@link deployment}. */
export function deploymentOfRun(row: DeploymentRow): Deployment {
  return deployment({ ...served, ...row }, partsOfRun);
}

/**
 * The rows of a group as the run executes them. With MPM_HEARTBEAT_SIDE_BY_SIDE, each is executed twice: without the
 * parts of the run, and then with them, under an id of its own.
 *
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense.
 */
export function rowsOfRun({ rows }: RowGroup): Titled<PlannedRow>[] {
  return rows.flatMap((row) =>
    options.side_by_side
      ? [rowOfRun(row, lookUpParts), rowOfRun({ ...row, id: idWithParts(row.id) }, partsOfRun)]
      : [rowOfRun(row, partsOfRun)],
  );
}

function rowOfRun(row: Row, lookUp: LookUp): Titled<PlannedRow> {
  const planned = unlessRefused(row.deployment, () =>
    planRow({ ...row, deployment: { ...served, ...row.deployment } }, settingsOfRun, lookUp),
  );
  const title = planned instanceof RefusedError ? deploymentName(planned.deployment) : titleOf(planned);
  // The colon ends the id: `-t 'article/prefork-8:'` selects this row and no other.
  return [`${row.id}: ${title}`, planned];
}

/**
 * What `plan` returns, or why the user's own application cannot be served so: the suite's rows are not written for it.
 *
 * @throws RefusedError if the row names an application itself.
 */
export function unlessRefused<T>(row: DeploymentRow, plan: () => T): T | RefusedError {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof RefusedError) || row.application !== undefined) throw error;
    return error;
  }
}
