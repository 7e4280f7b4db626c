import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ApplicationError, applicationOfRun } from './helpers/applications/own-application.ts';
import { OptionError, type Options, readOptions } from './helpers/config/options.ts';
import { lookUpParts } from './helpers/config/part-files.ts';
import { PartError } from './helpers/config/parts.ts';
import { endOfRun } from './helpers/report/results/end-of-run.ts';
import { TableSequencer } from './tests/acceptance/sequencer.ts';
import { table } from './tests/table/index.ts';

const MINUTE_MS = 60_000;
options();

/** The options, or the end of the run with one line before anything is started. */
function options(): Options {
  try {
    const options = readOptions(process.env);
    lookUpParts(options.parts ?? {});
    applicationOfRun(options);
    return options;
  } catch (error) {
    const known = [OptionError, PartError, ApplicationError].some((kind) => error instanceof kind);
    if (!known) throw error;
    console.error((error as Error).message);
    process.exit(1);
  }
}

export default defineConfig({
  test: {
    teardownTimeout: 30_000,
    experimental: { fsModuleCache: true },
    // Vitest leaves one processor free. With two processors, unit and browser tests would run one after the other.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: TableSequencer },
    reporters: [
      // Its own live summary would fight with the one that the heartbeat reporter draws.
      ['default', { summary: false }],
      [
        './helpers/report/reporter.ts',
        {
          order: Object.keys(table),
          jobSummary: process.env.GITHUB_STEP_SUMMARY,
        },
      ],
      ['junit', { outputFile: 'reports/junit.xml', suiteName: 'mpm-heartbeat' }],
      // Errors as annotations. Verdicts would be too many notices, and the heartbeat reporter's summary says more.
      ...(process.env.GITHUB_ACTIONS
        ? [
            ['github-actions', { displayAnnotations: false, jobSummary: { enabled: false } }] satisfies [
              string,
              object,
            ],
          ]
        : []),
    ],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          // Some start a process of their own, and a machine may be busy.
          testTimeout: MINUTE_MS,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: MINUTE_MS,
          hookTimeout: MINUTE_MS,
        },
      },
      {
        plugins: [endOfRun()],
        test: {
          name: 'acceptance',
          include: ['tests/acceptance/**/*.test.ts'],
          globalSetup: ['tests/acceptance/global-setup.ts'],
          runner: './tests/acceptance/cancelling-runner.ts',
          // Threads end with the process that owns the run; a forked worker outlives it.
          pool: 'threads',
          // Cells run side by side, those of several files too: most of the time they wait. The lab decides
          // which cells may work at the same time (helpers/lab/slots.ts).
          maxWorkers: 4,
          maxConcurrency: 32,
          // A row's limit counts its own work (helpers/execution/own-time.ts): waiting for a slot or an image fails no row.
          testTimeout: 0,
          hookTimeout: 2 * MINUTE_MS,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
