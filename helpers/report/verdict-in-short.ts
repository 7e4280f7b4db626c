import type { Evidence } from '../evidence/evidence.ts';
import type {
  CellRecord,
  DisturbanceRecord,
  HeartbeatRecord,
  ThroughputRecord,
} from '../verdict/cell-record.ts';
import { disturbanceExpectationWords } from '../verdict/disturbance-row.ts';
import { expectationWords } from '../verdict/row.ts';
import { tellersWords } from '../verdict/tellers.ts';
import { disturbanceInShort } from './disturbance-table.ts';
import { count } from './figures.ts';

/** A cell that has a verdict. */
export type JudgedRecord = HeartbeatRecord | DisturbanceRecord | ThroughputRecord;

/** Whether a cell has a verdict; what was only counted has none. */
export function isJudged(cell: CellRecord | undefined): cell is JudgedRecord {
  return cell?.kind === 'heartbeat' || cell?.kind === 'disturbance' || cell?.kind === 'throughput';
}

/** A verdict with why, in one line: `dropped, 14 drops (9 told by request, 5 by nobody)`. Pure. */
export function verdictInShort(cell: JudgedRecord): string {
  const { verdict } = cell;
  if (verdict.kind === 'inconclusive') return `inconclusive: ${verdict.reason}`;
  return [verdict.kind, besides(cell)].filter((it) => it !== '').join(', ');
}

/** What a row asserts, in words. Pure. */
export function expectedWords(cell: JudgedRecord): string {
  switch (cell.kind) {
    case 'heartbeat':
      return expectationWords(cell.expected);
    case 'disturbance':
      return disturbanceExpectationWords(cell.deployment, cell.expected);
    case 'throughput':
      return cell.expected ?? 'reported';
  }
}

function besides(cell: JudgedRecord): string {
  switch (cell.kind) {
    case 'heartbeat':
      return dropsInShort(cell.evidence?.brokerDrops ?? []);
    case 'disturbance':
      return disturbanceInShort(cell);
    case 'throughput':
      return '';
  }
}

/** Drops and who told of them: `14 drops (9 told by request, 5 by nobody)`; empty where there are none. Pure. */
export function dropsInShort(drops: Evidence['brokerDrops']): string {
  return drops.length === 0 ? '' : `${count(drops.length, 'drop')}${tellersWords(drops)}`;
}
