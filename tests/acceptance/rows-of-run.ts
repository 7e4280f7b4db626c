import { inject } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import {
  type Deployment,
  type DeploymentRow,
  deployment,
  deploymentName,
  type LookUp,
  RefusedError,
} from '../../helpers/deployment/deployment.ts';
import { applicationOfRun } from '../../helpers/engine/own-application.ts';
import { lookUpParts } from '../../helpers/engine/parts.ts';
import {
  type DisturbanceRow,
  type DisturbedRow,
  disturbedRowOf,
  disturbedRowTitle,
} from '../../helpers/verdict/disturbance-row.ts';
import { type Row, rowOf, rowTitle, type TableRow } from '../../helpers/verdict/row.ts';

const { options, parts } = inject('lab');

/** The application of the user's own, with which rows are served that name none; undefined: the suite's. */
export const ownApplication = applicationOfRun(options);
const ofRun: Pick<DeploymentRow, 'application'> = ownApplication ? { application: ownApplication.name } : {};

/** The parts of the run, and over them those of a row. */
export const partsOfRow: LookUp = (written) => ({ ...parts, ...lookUpParts(written) });

/** What a test plays, under its title: what a row says, or why the user's own application cannot be served so. */
export type Titled<T> = readonly [title: string, played: T | RefusedError];

/** A deployment as the run serves it. @throws DeploymentError see {@link deployment}. */
export function deploymentOfRun(row: DeploymentRow): Deployment {
  return deployment({ ...ofRun, ...row }, partsOfRow);
}

/** A row of the truth table as the run plays it: without its parts at first, where it compares. @throws DeploymentError see {@link rowOf}. */
export function rowsOfRun(row: TableRow): Titled<Row>[] {
  const lookUps = options.side_by_side ? [lookUpParts, partsOfRow] : [partsOfRow];
  return lookUps.map((lookUp) => rowOfRun(row, lookUp));
}

function rowOfRun(row: TableRow, lookUp: LookUp): Titled<Row> {
  const make = () => rowOf({ ...ofRun, ...row }, times[options.times], lookUp);
  const [title, played] = unlessRefused(row, rowTitle, make);
  const isRefused = played instanceof RefusedError && row.scenario !== undefined;
  return [isRefused ? `${title}, ${row.scenario}` : title, played];
}

/** A row in which something is disturbed, as the run plays it. @throws DeploymentError see {@link disturbedRowOf}. */
export function disturbedRowOfRun(row: DisturbanceRow): Titled<DisturbedRow> {
  const make = () => disturbedRowOf({ ...ofRun, ...row }, times[options.times], partsOfRow);
  return unlessRefused(row, disturbedRowTitle, make);
}

/**
 * What is made of a row, or why the user's own application refuses it: the suite's rows know nothing of hers. A row that
 * names an application itself must not be refused.
 */
export function unlessRefused<T>(row: DeploymentRow, title: (made: T) => string, make: () => T): Titled<T> {
  try {
    const made = make();
    return [title(made), made];
  } catch (error) {
    if (!(error instanceof RefusedError) || row.application !== undefined) throw error;
    return [deploymentName(error.deployment), error];
  }
}
