import { besideTheStub, isOfStub } from './beside-the-stub.ts';
import { DISTURBED_VERDICT_COLUMN, disturbanceTable } from './disturbance-table.ts';
import { type Column, columns, heartbeatTable, VERDICT_COLUMN } from './heartbeat-table.ts';
import { markdownText, tableOfMarkdown } from './markdown.ts';
import { groupOf, type Results, type TestResult, testsOf } from './results.ts';

const { drops, toldByHeartbeat, toldByRequest, toldByNobody, opened, slowed, slowOtherwise, lost } = columns;
const wanted: readonly Column[] = [
  ...[drops, toldByHeartbeat, toldByRequest, toldByNobody],
  ...[slowed, slowOtherwise, lost].map((it) => ({ ...it, head: `requests ${it.head}` })),
  columns.medianCall,
];

/** Heartbeat cells as Markdown, a row a cell, in the order of the run; nothing where there are none. Pure. */
export function truthTableMarkdown(results: Pick<Results, 'tests'>): string[] {
  return markdownOf(heartbeatTable(results, wanted), VERDICT_COLUMN);
}

/** The stub's cells of a whole truth table, a table a group. Pure. */
export function stubsMarkdown(results: Pick<Results, 'tests'>): string[] {
  return inGroups(testsOf(results, 'heartbeat').filter(isOfStub), truthTableMarkdown);
}

/** Real services: below the stub's row those of services that were served and asked as it was. Pure. */
export function servicesMarkdown(results: Pick<Results, 'tests'>): string[] {
  const { twins, alone } = besideTheStub(results);
  const tests = [...twins.flatMap(({ stub, services }) => [stub, ...services]), ...alone];
  const shown = [columns.dropsTold, opened, columns.perProcess, slowed, lost];
  return markdownOf(heartbeatTable({ tests }, shown), VERDICT_COLUMN);
}

/** Disturbed cells as Markdown, a row a cell, in the order of the run; nothing where there are none. Pure. */
export function disturbanceTableMarkdown(results: Pick<Results, 'tests'>): string[] {
  return markdownOf(disturbanceTable(results), DISTURBED_VERDICT_COLUMN);
}

/** The same, a table a group. Pure. */
export function disturbancesMarkdown(results: Pick<Results, 'tests'>): string[] {
  return inGroups(testsOf(results, 'disturbance'), disturbanceTableMarkdown);
}

/** Under a heading for each group of tests, its table. */
function inGroups(
  all: readonly TestResult[],
  table: (results: Pick<Results, 'tests'>) => readonly string[],
): string[] {
  const parts = [...new Set(all.map(groupOf))].map((group) => [
    `### ${capitalized(markdownText(group))}`,
    '',
    ...table({ tests: all.filter((test) => groupOf(test) === group) }),
  ]);
  return parts.flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function markdownOf([head, ...rows]: readonly string[][], verdictColumn: number): string[] {
  return head ? tableOfMarkdown([head, ...rows.map((row) => row.map(cellOf(verdictColumn)))]) : [];
}

function cellOf(verdictColumn: number) {
  return (text: string, column: number): string => {
    const escaped = markdownText(text);
    return column === verdictColumn ? escaped.replace(/^[\w ]*\w/, '`$&`') : escaped;
  };
}
