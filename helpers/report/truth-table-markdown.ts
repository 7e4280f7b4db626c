import { DISTURBED_VERDICT_COLUMN, disturbanceTable } from './disturbance-table.ts';
import { type Column, columns, heartbeatTable, VERDICT_COLUMN } from './heartbeat-table.ts';
import { markdownText, tableOfMarkdown } from './markdown.ts';
import type { Results } from './results.ts';

const { drops, toldByHeartbeat, toldByRequest, toldByNobody, slowed, slowOtherwise, lost } = columns;
const wanted: readonly Column[] = [
  ...[drops, toldByHeartbeat, toldByRequest, toldByNobody],
  ...[slowed, slowOtherwise, lost].map((it) => ({ ...it, head: `requests ${it.head}` })),
];

/** The truth table as Markdown, a row a cell, in the order of the run; nothing where there are none. Pure. */
export function truthTableMarkdown(results: Pick<Results, 'tests'>): string[] {
  const [head, ...rows] = heartbeatTable(results, wanted);
  if (!head) return [];
  return tableOfMarkdown([head, ...rows.map((row) => row.map(cellOf(VERDICT_COLUMN)))]);
}

/** The table of disturbed cells as Markdown, in the order of the run; nothing where there are none. Pure. */
export function disturbanceTableMarkdown(results: Pick<Results, 'tests'>): string[] {
  const [head, ...rows] = disturbanceTable(results);
  if (!head) return [];
  return tableOfMarkdown([head, ...rows.map((row) => row.map(cellOf(DISTURBED_VERDICT_COLUMN)))]);
}

function cellOf(verdictColumn: number) {
  return (text: string, column: number): string => {
    const escaped = markdownText(text);
    return column === verdictColumn ? escaped.replace(/^[\w ]*\w/, '`$&`') : escaped;
  };
}
