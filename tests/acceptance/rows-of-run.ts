import { inject } from 'vitest';
import { applicationOfRun } from '../../helpers/applications/own-application.ts';
import { lookUpParts } from '../../helpers/config/part-files.ts';
import {
  type Deployment,
  type DeploymentInput,
  deployment,
  type LookUp,
  servedBy,
} from '../../helpers/deployment/deployment.ts';
import { type PlannedRow, type RowGroup, repeated, type Settings } from '../../helpers/rows/row.ts';
import { idWithParts } from '../../helpers/rows/row-id.ts';
import { type Titled, titledRow } from '../../helpers/rows/titled-row.ts';
import { times } from '../../helpers/rows/traffic.ts';

const { options, parts } = inject('lab');

/** The settings of every row, from the options of the run. */
export const settingsOfRun: Settings = { ...options, times: times[options.times] };

/** The user's own application, which serves every row that names no application; undefined: the stub serves them. */
export const ownApplication = applicationOfRun(options);

/** Looks up the parts that a row names, and adds them to the parts of the run. */
export const partsOfRun: LookUp = (written) => ({ ...parts, ...lookUpParts(written) });

/** A deployment as the run serves it. @throws DeploymentError see {@link deployment}. */
export function deploymentOfRun(row: DeploymentInput): Deployment {
  return deployment(servedBy(ownApplication, row), partsOfRun);
}

/**
 * The rows of a group as the run executes them, each as often as MPM_HEARTBEAT_REPEAT says. With
 * MPM_HEARTBEAT_SIDE_BY_SIDE, each row is executed twice: without the parts of the run, and then with them, under a
 * separate id.
 *
 * @throws RowError see {@link titledRow}.
 */
export function rowsOfRun({ rows }: RowGroup): Titled<PlannedRow>[] {
  const executed = rows.flatMap((row) => repeated(row, options.repeat));
  return executed.flatMap((row) =>
    options.side_by_side
      ? [
          titledRow(row, options, ownApplication, lookUpParts),
          titledRow({ ...row, id: idWithParts(row.id) }, options, ownApplication, partsOfRun),
        ]
      : [titledRow(row, options, ownApplication, partsOfRun)],
  );
}
