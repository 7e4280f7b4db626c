import { styleText } from 'node:util';
import { deploymentName } from '../deployment/deployment.ts';
import type { Claim } from '../verdict/claims.ts';
import type { DisturbanceVerdict } from '../verdict/disturbance.ts';
import { disturbanceWords } from '../verdict/disturbance-row.ts';
import type { HeartbeatVerdict } from '../verdict/heartbeat.ts';
import { servedName } from '../verdict/row.ts';
import { aligned } from './aligned.ts';
import { comparisonLines, partsComparison } from './compare.ts';
import { disturbanceTable } from './disturbance-table.ts';
import { columns, heartbeatTable } from './heartbeat-table.ts';
import { type Results, type TestResult, testsOf } from './results.ts';
import { cut, wrapped } from './wrapped.ts';

/** Wider lines of prose are hard to read, however wide the terminal is. */
export const MOST_COLUMNS = 120;

const stepColours: Readonly<Record<string, 'red' | 'yellow' | 'bold'>> = {
  error: 'red',
  again: 'yellow',
  verdict: 'bold',
};

/**
 * A line for one step of one test, `elapsedMs` after the start.
 *
 * @param nameWidth of the column of tests' names.
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

/** Time since the start, as it stands before each line: ` 12.0 s`. */
export function elapsed(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(5)} s`;
}

const { dropsTold, slowed, slowOtherwise, lost, opened, perProcess } = columns;
/** What matters most comes first. */
const figures = [dropsTold, slowed, slowOtherwise, lost, opened, perProcess];
/** Deployment, traffic, verdict and the drops that decide it are always there. */
const LEAST_COLUMNS = 4;

/**
 * The table of heartbeat cells, and that of disturbed ones: verdict, and the figures that it was drawn from; what is not
 * as expected comes first.
 *
 * @param width of the terminal: what does not fit is left out, from the right.
 */
export function tableLines(results: Pick<Results, 'tests'>, width?: number): string[] {
  const failedFirst = { tests: [...results.tests].sort((a, b) => rank(a) - rank(b)) };
  return [
    ...tableOf(heartbeatTable(failedFirst, figures), testsOf(failedFirst, 'heartbeat'), width),
    ...tableOf(disturbanceTable(failedFirst), testsOf(failedFirst, 'disturbance'), width),
  ];
}

function tableOf(rows: string[][], tests: readonly Pick<TestResult, 'state'>[], width?: number): string[] {
  if (rows.length === 0) return [];
  const reported = tests.some(({ state }) => state === 'reported');
  return [
    '',
    ...(width === undefined ? aligned(rows) : fitting(rows, width)),
    ...(reported ? [styleText('dim', '(reported): the row was played, and nothing is asserted of it')] : []),
  ];
}

function rank({ state }: TestResult): number {
  return state === 'failed' ? 0 : 1;
}

function fitting(rows: readonly (readonly string[])[], width: number): string[] {
  const all = rows[0]?.length ?? 0;
  for (let some = all; some >= LEAST_COLUMNS; some--) {
    const lines = aligned(rows.map((row) => row.slice(0, some)));
    if (some > LEAST_COLUMNS && lines.some((line) => line.length > width)) continue;
    const left = rows[0]?.slice(some) ?? [];
    return left.length === 0 ? lines : [...lines, styleText('dim', `(too narrow for ${left.join(', ')})`)];
  }
  return [];
}

/** Which cells were tried again, which remain inconclusive, and why. */
export function doubtLines({ tests }: Pick<Results, 'tests'>, columns?: number): string[] {
  const lines = tests.flatMap(({ cell }) => {
    if (cell.kind !== 'heartbeat' && cell.kind !== 'disturbance') return [];
    const name =
      cell.kind === 'heartbeat'
        ? `${servedName(cell)}, ${cell.scenario.name}`
        : `${deploymentName(cell.deployment)}, ${disturbanceWords(cell)}`;
    return [
      ...cell.earlier
        .flatMap(reasonOf)
        .map((reason) =>
          hanging('tried again', `${name}: then ${cell.verdict.kind}; at first: ${reason}`, columns),
        ),
      ...reasonOf(cell.verdict).map((reason) => hanging('could not tell', `${name}: ${reason}`, columns)),
    ];
  });
  return lines.length === 0 ? [] : ['', ...lines.flat()];
}

function reasonOf(verdict: HeartbeatVerdict | DisturbanceVerdict): string[] {
  return verdict.kind === 'inconclusive' ? [verdict.reason] : [];
}

const LABEL_WIDTH = 16;

/** A text beside a label, its lines below each other. */
function hanging(label: string, text: string, columns: number | undefined): string[] {
  const lines = wrapped(text, widthBeside(columns));
  return lines.map((line, index) =>
    index === 0
      ? `  ${styleText('magenta', label.padEnd(LABEL_WIDTH))}  ${line}`
      : `  ${' '.repeat(LABEL_WIDTH)}  ${line}`,
  );
}

/** Characters that are left beside a label. */
function widthBeside(columns = MOST_COLUMNS): number {
  return Math.max(30, Math.min(columns, MOST_COLUMNS) - LABEL_WIDTH - 4);
}

/** The claims of the article and what the verdicts say of each, no wider than the terminal. */
export function claimLines({ claims }: { claims: readonly Claim[] }, columns?: number): string[] {
  if (claims.length === 0) return [];
  const colours = {
    holds: 'green',
    'holds only where': 'yellow',
    'does not hold': 'red',
    'could not tell': 'magenta',
  } as const;
  const width = widthBeside(columns);
  const beside = ' '.repeat(LABEL_WIDTH + 4);
  return [
    '',
    'The article’s claims',
    ...claims.flatMap(({ sentence, answer, because }) => {
      const [first = '', ...rest] = wrapped(sentence, width);
      return [
        `  ${styleText(colours[answer], answer.padEnd(LABEL_WIDTH))}  ${first}`,
        ...rest.map((line) => beside + line),
        ...wrapped(because, width).map((line) => beside + styleText('dim', line)),
      ];
    }),
  ];
}

/** What parts change, where the run played the same rows without them. */
export function partsLines(results: Results): string[] {
  const comparison = partsComparison(results);
  if (!comparison) return [];
  return ['', 'Before: without the parts. After: with them.', ...comparisonLines(comparison)];
}

/** Where the time went. */
export function timeLines({ seconds, startUp, shards, tests }: Results, columns?: number): string[] {
  const steps = new Map<string, number>();
  for (const { cell } of tests) {
    if (cell.kind !== 'heartbeat' && cell.kind !== 'disturbance') continue;
    for (const [step, ms] of Object.entries(cell.evidence?.timings ?? {})) {
      steps.set(step, Math.max(steps.get(step) ?? 0, ms));
    }
  }
  const start = Object.entries(startUp);
  const whole = `${seconds.toFixed(1)} s${shards === undefined ? '' : `, the longest of ${shards} runs that were merged`}`;
  const paragraphs = [
    start.length === 0 ? whole : `${whole}, with the start: ${seconded(start)}`,
    ...(steps.size > 0
      ? [`the longest of each step of a cell (cells run side by side): ${seconded([...steps])}`]
      : []),
  ];
  const width = Math.min(columns ?? MOST_COLUMNS, MOST_COLUMNS) - 6;
  return [
    '',
    ...paragraphs
      .flatMap((text) => wrapped(text, width))
      .map((line, index) => `${index === 0 ? 'Time: ' : '      '}${line}`),
  ];
}

function seconded(steps: readonly (readonly [step: string, milliseconds: number])[]): string {
  return steps.map(([step, ms]) => `${step} ${(ms / 1000).toFixed(1)} s`).join(', ');
}
