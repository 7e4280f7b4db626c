import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const table = 'article-deployments.ts';
const swapped = fileURLToPath(new URL('swapped-deployments.ts', import.meta.url));

const reporter = fileURLToPath(new URL('../../helpers/report/reporter.ts', import.meta.url));

/** The suite with the MPMs of the table swapped, and nothing else changed. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    // A module's imports are cached as they were resolved, and here they are resolved elsewhere.
    experimental: { fsModuleCache: false },
    root: fileURLToPath(new URL('../..', import.meta.url)),
    reporters: [[reporter, { folder: 'reports/mutation' }]],
    projects: (base.test?.projects ?? []).flatMap((project) => {
      if (typeof project !== 'object' || !('test' in project) || project.test?.name !== 'acceptance')
        return [];
      return {
        ...project,
        plugins: [
          {
            name: 'swap-mpms',
            enforce: 'pre' as const,
            resolveId: (id: string, importer?: string) =>
              id.endsWith(table) && importer !== swapped ? swapped : undefined,
          },
        ],
      };
    }),
  },
});
