import { newestStable } from '../../helpers/config/options.ts';
import type { RowGroup } from '../../helpers/rows/row.ts';
import { type TableFile, table } from '../table/index.ts';

/** An application's packages take far longer to install than a server's. */
const APPLICATION = 10;

/**
 * The test files with rows, in the order in which they are executed. Files that need few images come first, so that the
 * images of the others are built meanwhile. Throughput is last, because it needs the machine to itself.
 */
export const executionOrder: readonly TableFile[] = (Object.keys(table) as TableFile[]).sort(
  (a, b) => costOfImages(a) - costOfImages(b),
);

function costOfImages(file: TableFile): number {
  if (file === 'throughput') return Number.POSITIVE_INFINITY;
  const groups: readonly RowGroup[] = table[file];
  const served = groups
    .flatMap(({ rows }) => rows)
    .map(({ deployment: { release = newestStable, application = 'stub', server = 'httpd' } }) => ({
      application: `${release} ${application}`,
      server: `${release} ${application} ${server}`,
    }));
  const different = (key: 'application' | 'server') => new Set(served.map((image) => image[key])).size;
  return APPLICATION * different('application') + different('server');
}
