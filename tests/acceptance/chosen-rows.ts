import { basename } from 'node:path';
import type { TestProject } from 'vitest/node';
import { applicationOfRun } from '../../helpers/applications/own-application.ts';
import type { Options } from '../../helpers/config/options.ts';
import { lookUpParts } from '../../helpers/config/part-files.ts';
import { type Deployment, RefusedError } from '../../helpers/deployment/deployment.ts';
import type { RowGroup } from '../../helpers/rows/row.ts';
import { titledRow } from '../../helpers/rows/titled-row.ts';
import { table } from '../table/index.ts';
import { executionOrder } from './execution-order.ts';

/**
 * The deployments of the rows that the command line chose, by file and by `-t`, before any test file is loaded.
 *
 * @throws RowError for an invalid row of a chosen file.
 */
export async function chosenDeployments(project: TestProject, options: Options): Promise<Deployment[]> {
  const { vitest } = project;
  // Not in Vitest's types. Without it, images are built when their rows need them.
  const { filenamePattern } = vitest as { readonly filenamePattern?: string[] };
  const specifications = await vitest.globTestSpecifications(filenamePattern);
  const files = new Set(specifications.map(({ moduleId }) => basename(moduleId, '.test.ts')));
  const pattern = vitest.getGlobalTestNamePattern();
  const own = applicationOfRun(options);
  return executionOrder
    .filter((file) => files.has(file) && (file !== 'throughput' || options.throughput === 'all'))
    .flatMap((file): readonly RowGroup[] => table[file])
    .flatMap(({ title, rows }) =>
      rows.flatMap((row) => {
        const [name, planned] = titledRow(row, options, own, lookUpParts);
        const isChosen = !pattern || pattern.test(`${title} ${name}`);
        return planned instanceof RefusedError || !isChosen ? [] : [planned.deployment];
      }),
    );
}
