import { count } from '../config/count.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { isFault, type RowRecord } from '../record/record.ts';
import { loggedByWords } from '../verdict/logged-by.ts';
import { faultInShort } from './table-of-rows.ts';

/** A verdict and its figures, or its reason, in one line: `dropped, 14 drops (9 logged by request, 5 by nobody)`. */
export function verdictInShort(cell: RowRecord): string {
  const { verdict } = cell;
  if (verdict.kind === 'inconclusive') return `inconclusive: ${verdict.reason}`;
  const figures = isFault(cell) ? faultInShort(cell) : dropsInShort(cell.evidence?.brokerDrops ?? []);
  return [verdict.kind, figures].filter((words) => words !== '').join(', ');
}

/** Drops, and who logged them first: `14 drops (9 logged by request, 5 by nobody)`; empty if there are none. */
export function dropsInShort(drops: Evidence['brokerDrops']): string {
  return drops.length === 0 ? '' : `${count(drops.length, 'drop')}${loggedByWords(drops)}`;
}
