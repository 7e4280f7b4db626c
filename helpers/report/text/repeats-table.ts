import { figuresOf } from '../../record/figures.ts';
import { isRow } from '../../record/record.ts';
import { type KeptRepeats, outcomeWords } from '../../record/repeats.ts';
import { type Results, testsOf } from '../results/results.ts';
import { markdownText, tableOfMarkdown } from './markdown.ts';

/** The heading of the table of rows that were executed several times. */
export const REPEATS_TITLE = 'Rows that were executed several times';

/** What the bounds in that table are. */
export const REPEATS_NOTE =
  'In brackets: the exact 95 % confidence interval of the true share (Clopper and Pearson).';

/** A line for each outcome of each repeated row, after the head; empty if no row was repeated. */
export function repeatsTable({ repeated = [] }: Pick<Results, 'repeated'>): string[][] {
  const lines = repeated.flatMap(({ id, executions, outcomes }) =>
    outcomes.map((counted) => [id, counted.outcome, outcomeWords(counted, executions)]),
  );
  return lines.length === 0 ? [] : [['row', 'outcome', 'executions'], ...lines];
}

/** The repeated rows that docs/ keeps. The rows of a new run replace the same rows of earlier runs. */
export function withRepeats(kept: KeptRepeats, results: Results): KeptRepeats {
  const { startedAt, repeated = [] } = results;
  const executed = testsOf(results, isRow);
  const added = repeated.map((row) => {
    const one = executed.find(({ cell }) => cell.repetition?.of === row.id);
    const version = one && figuresOf(one.cell)?.versions['oslo.messaging'];
    return { ...row, startedAt, version: version ?? 'unknown' };
  });
  const ids = new Set(added.map(({ id }) => id));
  return [...kept.filter(({ id }) => !ids.has(id)), ...added].sort((a, b) => a.id.localeCompare(b.id));
}

/** Repeated rows as Markdown. */
export function repeatsPage(kept: KeptRepeats): string[] {
  if (kept.length === 0) return [];
  const head = ['row', 'oslo.messaging', 'executed', 'outcome', 'executions'];
  const lines = kept.flatMap(({ id, version, startedAt, executions, outcomes }) =>
    outcomes.map((counted) => [
      `\`${id}\``,
      version,
      startedAt.slice(0, 10),
      counted.outcome,
      markdownText(outcomeWords(counted, executions)),
    ]),
  );
  return [...tableOfMarkdown([head, ...lines]), '', REPEATS_NOTE];
}
