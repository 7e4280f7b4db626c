import type { Evidence } from '../evidence/evidence.ts';
import type { CellRecord, DisturbanceRecord, HeartbeatRecord } from '../verdict/cell-record.ts';
import type { Failure, Results, TestResult } from './results.ts';

/** Whether requests and frames were kept: without them there is no timeline. */
export function isWhole({ requests, connections }: Pick<Evidence, 'requests' | 'connections'>): boolean {
  return requests.all !== undefined && connections.all.every(({ packets }) => packets !== undefined);
}

/** The heartbeat cells of a run and the disturbed ones, less what only a timeline needs; and all that failed. Pure. */
export function slim(results: Results): Results {
  const failures = [...(results.failures ?? []), ...results.tests.flatMap(failureOfLeftOut)];
  return {
    ...results,
    ...((results.failures || failures.length > 0) && { failures }),
    tests: results.tests.flatMap((test): TestResult[] => {
      const { cell } = test;
      if (!isKept(cell)) return [];
      return [cell.evidence ? { ...test, cell: { ...cell, evidence: slimmed(cell.evidence) } } : test];
    }),
  };
}

function isKept(cell: CellRecord): cell is HeartbeatRecord | DisturbanceRecord {
  return cell.kind === 'heartbeat' || cell.kind === 'disturbance';
}

function failureOfLeftOut({ file, name, state, errors = [], cell }: TestResult): Failure[] {
  return !isKept(cell) && (state === 'failed' || state === 'pending') ? [{ file, name, state, errors }] : [];
}

function slimmed({ requests, connections, ...evidence }: Evidence): Evidence {
  const { all: _, ...counted } = requests;
  const withoutFrames = connections.all.map(({ packets, ...connection }) => connection);
  return { ...evidence, requests: counted, connections: { ...connections, all: withoutFrames } };
}
