import type { Evidence } from '../evidence/evidence.ts';
import { type CellRecord, type HeartbeatRecord, isRow } from '../record/record.ts';
import type { Failure, Results, TestResult } from './results.ts';

/** Whether a file holds the requests and the frames of a row: without them there is no timeline. */
export function isWhole({ requests, connections }: Pick<Evidence, 'requests' | 'connections'>): boolean {
  return requests.all !== undefined && connections.all.every(({ packets }) => packets !== undefined);
}

/** The rows of a run that were under traffic, without what only a timeline needs; and everything that failed. */
export function withoutTimeline(results: Results): Results {
  const failures = [...(results.failures ?? []), ...results.tests.flatMap(failureOfLeftOut)];
  return {
    ...results,
    ...((results.failures || failures.length > 0) && { failures }),
    tests: results.tests.flatMap((test): TestResult[] => {
      const { cell } = test;
      if (!isKept(cell)) return [];
      return [cell.evidence ? { ...test, cell: { ...cell, evidence: reduced(cell.evidence) } } : test];
    }),
  };
}

function isKept(cell: CellRecord): cell is HeartbeatRecord {
  return isRow(cell) && cell.traffic !== undefined;
}

function failureOfLeftOut({ file, name, state, errors = [], cell }: TestResult): Failure[] {
  return !isKept(cell) && (state === 'failed' || state === 'pending') ? [{ file, name, state, errors }] : [];
}

function reduced({ requests, connections, ...evidence }: Evidence): Evidence {
  const { all: _, ...counted } = requests;
  const withoutFrames = connections.all.map(({ packets, ...connection }) => connection);
  return { ...evidence, requests: counted, connections: { ...connections, all: withoutFrames } };
}
