import { styleText } from 'node:util';
import type { Claim } from '../../record/claims.ts';
import { isRow } from '../../record/record.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { partsComparison, runComparisonLines } from '../comparison/run-comparison.ts';
import { type Results, type TestResult, testsOf } from '../results/results.ts';
import { longestOfEach } from '../results/run.ts';
import { aligned } from '../text/aligned.ts';
import { REPEATS_NOTE, REPEATS_TITLE, repeatsTable } from '../text/repeats-table.ts';
import {
  columns,
  FIRST_COLUMNS,
  faultColumns,
  faultRows,
  heartbeatRows,
  marks,
  tableOfRows,
  VERDICT_COLUMN,
} from '../text/table-of-rows.ts';
import { cut, MOST_COLUMNS, wrapped } from '../text/wrapped.ts';

const stepColours: Readonly<Record<string, 'red' | 'yellow' | 'bold'>> = {
  error: 'red',
  again: 'yellow',
  verdict: 'bold',
};

/**
 * A line for one step of one test, `elapsedMs` after the start.
 *
 * @param nameWidth of the column of ids and names.
 * @param columns of the terminal; undefined: there is none, and nothing is cut.
 */
export function stepLine(
  { elapsedMs, test, step, text }: { elapsedMs: number; test: string; step: string; text: string },
  nameWidth: number,
  columns?: number,
): string {
  const time = elapsed(elapsedMs);
  const name = cut(test, nameWidth).padEnd(nameWidth);
  const head = `${time}  ${name}  ${step.padEnd(11)} `;
  const colour = text === 'inconclusive' ? 'red' : (stepColours[step] ?? 'dim');
  const rest = columns === undefined ? text : cut(text, columns - head.length);
  const bold = step === 'verdict' ? styleText(colour, rest) : rest;
  return `${styleText('dim', time)}  ${name}  ${styleText(colour, step.padEnd(11))} ${bold}`;
}

/** Time since the start, as each line begins with it: ` 12.0 s`. */
export function elapsed(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(5)} s`;
}

const { dropsLoggedBy, slowed, slowOtherwise, lost, messagesLost, opened, perProcess } = columns;
/** The most important figure is first. */
const figures = [dropsLoggedBy, slowed, slowOtherwise, lost, messagesLost, opened, perProcess];

/**
 * The tables of rows without and with a fault: verdicts, and the figures behind them. Failed rows are first.
 *
 * @param width of the terminal: columns that do not fit are left out.
 */
export function tableLines(results: Pick<Results, 'tests'>, width?: number): string[] {
  const failedFirst = { tests: results.tests.filter(isShown).sort((a, b) => rank(a) - rank(b)) };
  return [
    ...tableOf(tableOfRows(failedFirst, heartbeatRows, figures), width),
    ...tableOf(tableOfRows(failedFirst, faultRows, faultColumns), width),
  ];
}

function tableOf(rows: string[][], width?: number): string[] {
  if (rows.length === 0) return [];
  const notes = Object.entries(marks).filter(([mark]) => rows.flat().some((cell) => cell.endsWith(mark)));
  return [
    '',
    ...(width === undefined ? aligned(rows) : fitting(rows, width)),
    ...notes.map(([mark, note]) => styleText('dim', `${mark}: ${note}`)),
  ];
}

/** A repeated row that is as expected is counted in the table of repeats. */
function isShown({ cell, state }: TestResult): boolean {
  return !(isRow(cell) && cell.repetition) || state === 'failed';
}

/** The table of rows that were executed several times. */
export function repeatLines(results: Pick<Results, 'repeated'>): string[] {
  const rows = repeatsTable(results);
  return rows.length === 0 ? [] : ['', REPEATS_TITLE, ...aligned(rows), styleText('dim', REPEATS_NOTE)];
}

function rank({ state }: TestResult): number {
  return state === 'failed' ? 0 : 1;
}

/** The deployment and its treatment are left out first, because the id says what they are; then figures, from the right. */
function fitting(rows: readonly (readonly string[])[], width: number): string[] {
  const head = rows[0] ?? [];
  const figures = head.map((_, column) => column).slice(FIRST_COLUMNS + 1);
  const expendable = [...figures, VERDICT_COLUMN - 1, VERDICT_COLUMN - 2];
  const left = new Set<number>();
  const fit = () => aligned(rows.map((row) => row.filter((_, column) => !left.has(column))));
  let lines = fit();
  while (expendable.length > 0 && lines.some((line) => line.length > width)) {
    left.add(expendable.pop() as number);
    lines = fit();
  }
  const names = head.filter((_, column) => left.has(column));
  return names.length === 0 ? lines : [...lines, styleText('dim', `(too narrow for ${names.join(', ')})`)];
}

/** Which rows were executed again, which remain inconclusive, and why. */
export function doubtLines(results: Pick<Results, 'tests'>, columns?: number): string[] {
  const doubt = (label: string, text: string) => labelled(label, 'magenta', text, columns);
  const lines = testsOf(results, isRow).flatMap(({ cell: { id, earlier, verdict, comparison } }) => {
    // The table of the comparison says why.
    if (comparison) return [];
    return [
      ...earlier
        .flatMap((execution) => reasonOf(execution.verdict))
        .map((reason) => doubt('executed again', `${id}: at first: ${reason}; then: ${verdict.kind}`)),
      ...reasonOf(verdict).map((reason) => doubt('could not tell', `${id}: ${reason}`)),
    ];
  });
  return lines.length === 0 ? [] : ['', ...lines.flat()];
}

function reasonOf(verdict: Verdict): string[] {
  return verdict.kind === 'inconclusive' ? [verdict.reason] : [];
}

const LABEL_WIDTH = 16;
const answerColours = {
  holds: 'green',
  'holds only where': 'yellow',
  'does not hold': 'red',
  'could not tell': 'magenta',
} as const satisfies Record<Claim['answer'], string>;

const BESIDE_LABEL = ' '.repeat(LABEL_WIDTH + 4);

/** A text beside a label, its lines aligned. */
function labelled(
  label: string,
  colour: 'green' | 'yellow' | 'red' | 'magenta',
  text: string,
  columns: number | undefined,
): string[] {
  const first = `  ${styleText(colour, label.padEnd(LABEL_WIDTH))}  `;
  return wrapped(text, widthBeside(columns), first, BESIDE_LABEL);
}

/** Characters that are left beside a label. */
function widthBeside(columns = MOST_COLUMNS): number {
  return Math.max(30, Math.min(columns, MOST_COLUMNS) - BESIDE_LABEL.length);
}

/** The claims of the article and what the verdicts say about each, no wider than the terminal. */
export function claimLines({ claims }: { claims: readonly Claim[] }, columns?: number): string[] {
  if (claims.length === 0) return [];
  return [
    '',
    'The article’s claims',
    ...claims.flatMap(({ sentence, answer, because }) => [
      ...labelled(answer, answerColours[answer], sentence, columns),
      ...wrapped(because, widthBeside(columns)).map((line) => BESIDE_LABEL + styleText('dim', line)),
    ]),
  ];
}

/** What parts change, if the run executed the same rows without them. */
export function partsLines(results: Results): string[] {
  const comparison = partsComparison(results);
  if (!comparison) return [];
  return ['', 'Before: without the parts. After: with them.', ...runComparisonLines(comparison)];
}

/** Where the time went. */
export function timeLines({ seconds, startUp, shards, tests }: Results, columns?: number): string[] {
  const steps = longestOfEach(testsOf({ tests }, isRow).map(({ cell }) => cell.evidence?.timings ?? {}));
  const [start, longest] = [seconded(startUp), seconded(steps)];
  const whole = `${seconds.toFixed(1)} s${shards === undefined ? '' : `, the longest of ${shards} runs that were merged`}`;
  const paragraphs = [
    start === '' ? whole : `${whole}, with the start: ${start}`,
    ...(longest === '' ? [] : [`the longest of each step of a cell (cells run side by side): ${longest}`]),
  ];
  const width = Math.min(columns ?? MOST_COLUMNS, MOST_COLUMNS) - 6;
  const indent = '      ';
  return [
    '',
    ...paragraphs.flatMap((text, at) => wrapped(text, width, at === 0 ? 'Time: ' : indent, indent)),
  ];
}

function seconded(steps: Results['startUp']): string {
  return Object.entries(steps)
    .map(([step, ms]) => `${step} ${(ms / 1000).toFixed(1)} s`)
    .join(', ');
}
