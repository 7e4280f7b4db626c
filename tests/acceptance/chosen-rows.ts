import { basename } from 'node:path';
import type { TestProject } from 'vitest/node';
import { applicationOfRun } from '../../helpers/applications/own-application.ts';
import { OneLineError } from '../../helpers/config/one-line.ts';
import type { Options } from '../../helpers/config/options.ts';
import { lookUpParts } from '../../helpers/config/part-files.ts';
import { type Deployment, RefusedError } from '../../helpers/deployment/deployment.ts';
import type { Row } from '../../helpers/rows/row.ts';
import { table } from '../table/index.ts';
import { titledRow } from './titled-row.ts';

/**
 * The deployments of the rows that the command line chose, by file and by `-t`, before any test file is loaded. Invalid
 * rows are left out, because their tests report them.
 */
export async function chosenDeployments(project: TestProject, options: Options): Promise<Deployment[]> {
  const { vitest } = project;
  // Not in Vitest's types. Without it, images are built when their rows need them.
  const { filenamePattern } = vitest as { readonly filenamePattern?: string[] };
  const specifications = await vitest.globTestSpecifications(filenamePattern);
  const files = new Set(specifications.map(({ moduleId }) => basename(moduleId, '.test.ts')));
  const pattern = vitest.getGlobalTestNamePattern();
  return Object.entries(table)
    .filter(([file]) => files.has(file) && (file !== 'throughput' || options.throughput === 'all'))
    .flatMap(([, groups]) => groups)
    .flatMap(({ title, rows }) =>
      rows.flatMap((row) =>
        deploymentsOf(row, options, (name) => !pattern || pattern.test(`${title} ${name}`)),
      ),
    );
}

function deploymentsOf(row: Row, options: Options, isChosen: (name: string) => boolean): Deployment[] {
  const own = applicationOfRun(options);
  try {
    const [name, planned] = titledRow(row, options, own ? { application: own.name } : {}, lookUpParts);
    return planned instanceof RefusedError || !isChosen(name) ? [] : [planned.deployment];
  } catch (error) {
    if (error instanceof OneLineError) return [];
    throw error;
  }
}
