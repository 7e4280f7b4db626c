import { capitalized } from '../../config/capitalized.ts';
import type { TrafficRecord } from '../../record/record.ts';
import { groupOf, type Results, type TestResult, testsOf } from '../results/results.ts';
import { agreementWithStub, isOfStub } from './agreement-with-stub.ts';
import { markdownText, tableOfMarkdown } from './markdown.ts';
import {
  type Column,
  columns,
  faultColumns,
  faultRows,
  heartbeatRows,
  type KindOfTable,
  tableOfRows,
  VERDICT_COLUMN,
} from './table-of-rows.ts';

type Tests = Pick<Results, 'tests'>;

const { drops, loggedByHeartbeat, loggedByRequest, loggedByNobody, opened, slowed, slowOtherwise, lost } =
  columns;
const wanted: readonly Column[] = [
  ...[drops, loggedByHeartbeat, loggedByRequest, loggedByNobody],
  ...[slowed, slowOtherwise, lost].map((column) => ({ ...column, head: `requests ${column.head}` })),
  columns.messagesLost,
  columns.medianCall,
];

/** The rows without a fault as Markdown, in the order of the run; nothing if there are none. */
export function heartbeatsMarkdown(results: Tests): string[] {
  return markdownOf(results, heartbeatRows, wanted);
}

/** The rows with a fault as Markdown, in the order of the run; nothing if there are none. */
export function faultsMarkdown(results: Tests): string[] {
  return markdownOf(results, faultRows, faultColumns);
}

/** The stub's rows of a whole table, a table for each group. */
export function stubPage(results: Tests): string[] {
  return inGroups(testsOf(results, heartbeatRows.is).filter(isOfStub), heartbeatsMarkdown);
}

/** The rows that change one thing at a time, a table for each group. */
export function mechanismPage(results: Tests): string[] {
  return inGroups(testsOf(results, heartbeatRows.is), (tests) =>
    markdownOf(tests, heartbeatRows, [...wanted, columns.perProcess]),
  );
}

/** Rows at production times, a table for each group. */
export function productionPage(results: Tests): string[] {
  const shown = [columns.dropsLoggedBy, columns.silenceAtDrop, slowed, lost];
  return inGroups(testsOf(results, heartbeatRows.is), (tests) => markdownOf(tests, heartbeatRows, shown));
}

/** Rows with a fault, a table for each group. */
export function faultPage(results: Tests): string[] {
  return inGroups(testsOf(results, faultRows.is), faultsMarkdown);
}

/** Real services: below each row of the stub, the rows of services under the same conditions. */
export function servicePage(results: Tests): string[] {
  const { compared, alone } = agreementWithStub(results);
  const tests = [...compared.flatMap(({ ofStub, services }) => [ofStub, ...services]), ...alone];
  const shown = [columns.dropsLoggedBy, opened, columns.perProcess, slowed, slowOtherwise, lost];
  return markdownOf({ tests }, heartbeatRows, shown);
}

/** A heading and a table for each group of tests. */
function inGroups(all: readonly TestResult[], table: (results: Tests) => readonly string[]): string[] {
  const parts = [...new Set(all.map(groupOf))].map((group) => [
    `### ${capitalized(markdownText(group))}`,
    '',
    ...table({ tests: all.filter((test) => groupOf(test) === group) }),
  ]);
  return parts.flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}

function markdownOf<Cell extends TrafficRecord>(
  results: Tests,
  kind: KindOfTable<Cell>,
  shown: readonly Column[],
): string[] {
  const [head, ...rows] = tableOfRows(results, kind, shown);
  return head ? tableOfMarkdown([head, ...rows.map((row) => row.map(markdownCell))]) : [];
}

/** Ids and verdicts are code. */
function markdownCell(text: string, column: number): string {
  if (column === 0) return `\`${text}\``;
  const escaped = markdownText(text);
  return column === VERDICT_COLUMN ? escaped.replace(/^[\w ]*\w/, '`$&`') : escaped;
}
