import { figuresOf } from '../../record/figures.ts';
import { type CellRecord, isRow, type TrafficRecord } from '../../record/record.ts';
import type { Failure, Results, TestResult } from './results.ts';

/** The rows of a run that were under traffic, with figures in place of evidence; and everything that failed. */
export function withoutEvidence(results: Results): Results {
  const failures = [...(results.failures ?? []), ...results.tests.flatMap(failureOfLeftOut)];
  return {
    ...results,
    ...((results.failures || failures.length > 0) && { failures }),
    tests: results.tests.flatMap((test): TestResult[] =>
      isKept(test.cell) ? [{ ...test, cell: reduced(test.cell) }] : [],
    ),
  };
}

function isKept(cell: CellRecord): cell is TrafficRecord {
  return isRow(cell) && cell.traffic !== undefined;
}

function failureOfLeftOut({ file, name, state, errors = [], cell }: TestResult): Failure[] {
  return !isKept(cell) && (state === 'failed' || state === 'pending') ? [{ file, name, state, errors }] : [];
}

function reduced(cell: TrafficRecord): TrafficRecord {
  const { evidence: _, faultFacts: __, ...row } = cell;
  return { ...row, figures: figuresOf(cell) };
}
