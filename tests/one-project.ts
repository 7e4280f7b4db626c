import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import base from '../vitest.config.ts';

const reporter = fileURLToPath(new URL('../helpers/report/reporter.ts', import.meta.url));

/** The tests of one folder, on the same lab as acceptance tests; what they saw goes to a folder of its own. */
export function projectLikeAcceptance(name: string): ViteUserConfig {
  return defineConfig({
    ...base,
    test: {
      ...base.test,
      root: fileURLToPath(new URL('..', import.meta.url)),
      reporters: [
        ['default', { summary: false }],
        [reporter, { folder: `reports/${name}` }],
      ],
      projects: (base.test?.projects ?? []).flatMap((project) => {
        if (typeof project !== 'object' || !('test' in project) || project.test?.name !== 'acceptance')
          return [];
        return { ...project, test: { ...project.test, name, include: [`tests/${name}/**/*.test.ts`] } };
      }),
    },
  });
}
