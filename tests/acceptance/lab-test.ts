import { test as base, inject } from 'vitest';
import { Lab } from '../../helpers/lab/lab.ts';
import { thisMachine } from '../../helpers/record/machine.ts';
import '../../helpers/report/results/task-meta.ts';

/** Vitest's `test` with the lab of the run. Each test records the facts of its run for the reporters. */
export const test = base.extend<{ lab: Lab; run: undefined }>({
  lab: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures are needed
    async ({}, use) => {
      await using lab = await Lab.connect(inject('lab'));
      await use(lab);
    },
    { scope: 'file' },
  ],
  run: [
    async ({ task }, use) => {
      const { runId, options, timings } = inject('lab');
      task.meta.run = { runId, times: options.times, startUp: timings, machine: thisMachine() };
      await use(undefined);
    },
    { auto: true },
  ],
});
