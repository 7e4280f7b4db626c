import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const reporter = fileURLToPath(new URL('../../helpers/report/reporter.ts', import.meta.url));

/** The throughput verdict on servers whose true ratio is known; takes about half an hour. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    root: fileURLToPath(new URL('../..', import.meta.url)),
    reporters: [
      ['default', { summary: false }],
      [reporter, { folder: 'reports/calibration' }],
    ],
    projects: (base.test?.projects ?? []).flatMap((project) => {
      if (typeof project !== 'object' || !('test' in project) || project.test?.name !== 'acceptance')
        return [];
      return {
        ...project,
        test: { ...project.test, name: 'calibration', include: ['tests/calibration/**/*.test.ts'] },
      };
    }),
  },
});
