import type { Options } from '../config/options.ts';
import {
  DeploymentError,
  type DeploymentInput,
  deploymentName,
  type LookUp,
  RefusedError,
  servedBy,
} from '../deployment/deployment.ts';
import { type PlannedRow, planRow, type Row, RowError, titleOf } from './row.ts';
import { testName } from './row-id.ts';
import { times } from './traffic.ts';

/** A test's title, and what it executes or why the user's application cannot be served like this. */
export type Titled<T> = readonly [title: string, planned: T | RefusedError];

/**
 * The name of a row's test, and the row as a run with these options executes it.
 *
 * @param own the user's own application. It serves every deployment, a baseline too, that names no application.
 * @throws RowError with one line for an invalid row.
 */
export function titledRow(
  row: Row,
  options: Options,
  own: { readonly name: string } | undefined,
  lookUp: LookUp,
): Titled<PlannedRow> {
  const { deployment, load } = row;
  const asServed: Row = {
    ...row,
    deployment: servedBy(own, deployment),
    ...(load && { load: { ...load, baseline: servedBy(own, load.baseline) } }),
  };
  const planned = unlessRefused(deployment, () => {
    try {
      return planRow(asServed, { ...options, times: times[options.times] }, lookUp);
    } catch (error) {
      if (!(error instanceof DeploymentError) || error instanceof RefusedError) throw error;
      throw new RowError(`row ${row.id}: ${error.message}`);
    }
  });
  const title = planned instanceof RefusedError ? deploymentName(planned.deployment) : titleOf(planned);
  return [testName(row.id, title), planned];
}

/**
 * The result of `plan`, or why the user's application cannot be served like this.
 *
 * @throws RefusedError if the row itself names the application.
 */
export function unlessRefused<T>(deployment: DeploymentInput, plan: () => T): T | RefusedError {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof RefusedError) || deployment.application !== undefined) throw error;
    return error;
  }
}
