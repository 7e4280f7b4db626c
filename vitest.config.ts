import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { OptionError, type Options, readOptions } from './helpers/config/options.ts';
import { PartError } from './helpers/config/parts.ts';
import { cellLimitMs } from './helpers/config/scenario.ts';
import { ApplicationError, applicationOfRun } from './helpers/engine/own-application.ts';
import { lookUpParts } from './helpers/engine/parts.ts';
import { endOfRun } from './helpers/report/end-of-run.ts';
import { StoryOrder } from './tests/acceptance/story-order.ts';

const MINUTE_MS = 60_000;
const { times } = options();

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
    // Vitest leaves one processor free: with two there would be one worker, and unit and browser tests in a row.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: StoryOrder },
    reporters: [
      // Its own live summary would fight with the one that the heartbeat reporter draws.
      ['default', { summary: false }],
      [
        './helpers/report/reporter.ts',
        { beside: ['reports/junit.xml'], jobSummary: process.env.GITHUB_STEP_SUMMARY },
      ],
      ['./helpers/report/junit-reporter.ts', { outputFile: 'reports/junit.xml' }],
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
          runner: './tests/acceptance/runner.ts',
          // Threads end with the process that owns the run; a forked worker outlives it.
          pool: 'threads',
          // Cells run side by side, those of several files too: most of the time they wait. The lab deals out
          // who may work beside whom (helpers/lab/turns.ts).
          maxWorkers: 3,
          maxConcurrency: 32,
          testTimeout: cellLimitMs[times],
          hookTimeout: 2 * MINUTE_MS,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
