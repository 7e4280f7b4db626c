import { test as base, inject } from 'vitest';
import { Lab } from '../../helpers/lab/lab.ts';

/** Vitest's `test` with the lab of the run. */
export const test = base.extend<{ lab: Lab }>({
  lab: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the fixtures needed from the pattern
    async ({}, use) => {
      await using lab = await Lab.connect(inject('lab'));
      await use(lab);
    },
    { scope: 'file' },
  ],
});
