import { count } from '../../config/count.ts';
import { type Figures, figuresOf } from '../../record/figures.ts';
import { isFault, type RowRecord } from '../../record/record.ts';
import { loggedByWords } from '../../verdict/logged-by.ts';
import { faultInShort } from './table-of-rows.ts';

/** A verdict and its figures, or its reason, in one line: `dropped, 14 drops (9 logged by request, 5 by nobody)`. */
export function verdictInShort(cell: RowRecord): string {
  const { verdict } = cell;
  if (verdict.kind === 'inconclusive') return `inconclusive: ${verdict.reason}`;
  const words = isFault(cell) ? faultInShort(cell) : dropsInShort(figuresOf(cell));
  return [verdict.kind, words].filter((part) => part !== '').join(', ');
}

/** Drops, and what logged them first: `14 drops (9 logged by request, 5 by nobody)`; empty if there are none. */
export function dropsInShort(figures: Pick<Figures, 'drops' | 'loggedBy'> | undefined): string {
  return figures?.drops ? `${count(figures.drops, 'drop')}${loggedByWords(figures.loggedBy)}` : '';
}
