import type { LabDescription } from '../../lab/lab.ts';
import type { Machine } from '../../record/machine.ts';
import type { CellRecord } from '../../record/record.ts';

/** The run that a test belongs to, for reports that are put together from several. */
export interface RunFacts {
  readonly runId: string;
  readonly times: LabDescription['options']['times'];
  /** Milliseconds of each step before the first test. */
  readonly startUp: LabDescription['timings'];
  readonly machine?: Machine;
}

declare module 'vitest' {
  interface TaskMeta {
    /** What the test observed and concluded, for the reporters. */
    cell?: CellRecord;
    /** Of a test that uses the lab. */
    run?: RunFacts;
  }
}
