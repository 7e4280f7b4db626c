import type { LabDescription } from '../lab/lab.ts';
import type { CellRecord } from '../verdict/cell-record.ts';
import { type Claim, claims } from '../verdict/claims.ts';
import type { Machine } from './machine.ts';

/** The format of results.json; raised when a reader of the last one would misread it. */
export const RESULTS_VERSION = 1;

/** reports/results.json: results.schema.json at the top describes it. */
export interface Results {
  readonly version: typeof RESULTS_VERSION;
  /** ISO 8601. */
  readonly startedAt: string;
  /** From the start of the run to its end; of merged runs: the longest. */
  readonly seconds: number;
  /** Milliseconds of each step before the first test; of merged runs: the longest of each. */
  readonly startUp: LabDescription['timings'];
  readonly times: 'compressed' | 'production';
  /** Runs that were merged into this one, where there were more than one. */
  readonly shards?: number | undefined;
  /** Missing in files of before it was recorded. */
  readonly machine?: Machine | undefined;
  readonly claims: readonly Claim[];
  readonly tests: readonly TestResult[];
}

/** A test that told what it observed. */
export interface TestResult {
  readonly file: string;
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
  readonly milliseconds: number;
  readonly cell: CellRecord;
}

/** Puts a run's results together. Pure. */
export function resultsOf(
  run: Pick<Results, 'startedAt' | 'seconds' | 'startUp' | 'times' | 'shards' | 'machine'>,
  tests: readonly TestResult[],
): Results {
  return { version: RESULTS_VERSION, ...run, claims: claims(tests.map(({ cell }) => cell)), tests };
}
