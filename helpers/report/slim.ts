import type { Evidence } from '../evidence/evidence.ts';
import type { Results, TestResult } from './results.ts';

/** Whether requests and frames were kept: without them there is no timeline. */
export function isWhole({ requests, connections }: Pick<Evidence, 'requests' | 'connections'>): boolean {
  return requests.all !== undefined && connections.all.every(({ packets }) => packets !== undefined);
}

/** The heartbeat cells of a run and the disturbed ones, less what only a timeline needs. Pure. */
export function slim(results: Results): Results {
  return {
    ...results,
    tests: results.tests.flatMap((test): TestResult[] => {
      const { cell } = test;
      if (cell.kind !== 'heartbeat' && cell.kind !== 'disturbance') return [];
      return [cell.evidence ? { ...test, cell: { ...cell, evidence: slimmed(cell.evidence) } } : test];
    }),
  };
}

function slimmed({ requests, connections, ...evidence }: Evidence): Evidence {
  const { all: _, ...counted } = requests;
  const withoutFrames = connections.all.map(({ packets, ...connection }) => connection);
  return { ...evidence, requests: counted, connections: { ...connections, all: withoutFrames } };
}
