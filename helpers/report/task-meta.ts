import type { CellRecord } from '../verdict/cell-record.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What the test observed and concluded, for the reporters. */
    cell?: CellRecord;
  }
}
