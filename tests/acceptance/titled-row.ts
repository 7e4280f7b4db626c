import type { Options } from '../../helpers/config/options.ts';
import {
  type DeploymentRow,
  deploymentName,
  type LookUp,
  RefusedError,
} from '../../helpers/deployment/deployment.ts';
import { testName } from '../../helpers/report/row-id.ts';
import { type PlannedRow, planRow, type Row, titleOf } from '../../helpers/rows/row.ts';
import { times } from '../../helpers/rows/traffic.ts';

/** What a test executes, after its title; or why the user's own application cannot be served so. */
export type Titled<T> = readonly [title: string, planned: T | RefusedError];

/**
 * A row as a run with these options executes it, after the name of its test.
 *
 * @param served the user's own application, which serves every row that names none.
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense.
 */
export function titledRow(
  row: Row,
  options: Options,
  served: Pick<DeploymentRow, 'application'>,
  lookUp: LookUp,
): Titled<PlannedRow> {
  const planned = unlessRefused(row.deployment, () =>
    planRow(
      { ...row, deployment: { ...served, ...row.deployment } },
      { ...options, times: times[options.times] },
      lookUp,
    ),
  );
  const title = planned instanceof RefusedError ? deploymentName(planned.deployment) : titleOf(planned);
  return [testName(row.id, title), planned];
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
