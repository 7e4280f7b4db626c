import { availableParallelism, cpus } from 'node:os';
import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { wholeNumber } from '../config/quantities.ts';

export const machineSchema = z.strictObject({
  cpus: wholeNumber.describe('that the suite may use; the containers have the same'),
  model: z.string().optional().describe('of the processor; missing where the system does not say'),
  system: z.string().describe('as Node.js names it, e.g. linux x64'),
});
/** The machine of a run. */
export type Machine = Frozen<z.infer<typeof machineSchema>>;

/** The machine that this runs on. */
export function thisMachine(): Machine {
  const model = cpus()[0]?.model.trim();
  return {
    cpus: availableParallelism(),
    ...(model && model !== 'unknown' ? { model } : {}),
    system: `${process.platform} ${process.arch}`,
  };
}
