import { count } from '../../config/count.ts';
import { routeName } from '../../deployment/deployment.ts';
import { type LoggedBy, loggers } from '../../evidence/evidence.ts';
import type { RouteFacts } from '../../evidence/fault-facts.ts';
import { median } from '../../evidence/median.ts';
import { type Figures, figuresOf } from '../../record/figures.ts';
import {
  type CellRecord,
  type FaultRecord,
  type HeartbeatRecord,
  isFault,
  isHeartbeat,
  type TrafficRecord,
} from '../../record/record.ts';
import { servedWords, treatmentWords } from '../../rows/row.ts';
import { howManyAnswered } from '../../verdict/violations.ts';
import { type Results, type TestOf, testsOf } from '../results/results.ts';

/** A figure of a row that was executed. */
export interface Column {
  readonly head: string;
  readonly of: (figures: Figures) => string;
  /** The column is left out unless this is true of a row; missing: it is always there. */
  readonly onlyWhere?: (figures: Figures) => boolean;
}

/** What tables show of rows without a fault. */
export const columns = {
  drops: { head: 'drops', of: ({ drops }) => `${drops}` },
  /** Drops and loggers in one: `27: 24 heartbeat, 3 nobody`. */
  dropsLoggedBy: { head: 'drops, logged by', of: dropsLoggedBy },
  loggedByHeartbeat: { head: 'logged by heartbeat', of: logged('heartbeat') },
  loggedByRequest: { head: 'by request', of: logged('request') },
  loggedByNobody: { head: 'by nobody', of: logged('nobody') },
  slowed: { head: 'slowed', of: ({ requests }) => slowWords(requests.slowedMs) },
  slowOtherwise: {
    head: 'slow otherwise',
    of: ({ requests }) => slowWords(requests.slowOtherwiseMs),
    onlyWhere: ({ requests }) => requests.slowOtherwiseMs.length > 0,
  },
  lost: {
    head: 'lost',
    of: ({ requests: { failed, sent } }) => ofAll(failed, sent),
  },
  messagesLost: {
    head: 'messages lost',
    of: ({ messages: { lost, expected } }) => ofAll(lost, expected),
    onlyWhere: ({ messages }) => messages.lost > 0,
  },
  medianCall: {
    head: 'median call',
    of: ({ requests }) => {
      const milliseconds = requests.medianMsOf?.call;
      return milliseconds === undefined ? '–' : `${Math.round(milliseconds)} ms`;
    },
    onlyWhere: ({ requests }) => requests.medianMsOf?.call !== undefined,
  },
  silenceAtDrop: {
    head: 'silence before a drop',
    of: ({ silenceAtDrop }) =>
      silenceAtDrop === undefined
        ? '–'
        : `${silenceAtDrop.least.toFixed(2)} to ${silenceAtDrop.most.toFixed(2)} heartbeats`,
  },
  opened: { head: 'opened', of: ({ opened }) => `${opened}` },
  perProcess: {
    head: 'requests per process',
    of: ({ requests }) =>
      Object.values(requests.perProcess)
        .sort((a, b) => b - a)
        .join(' '),
  },
} as const satisfies Record<string, Column>;

/** What tables show of rows with a fault. */
export const faultColumns: readonly Column[] = [
  { head: 'plain meanwhile', of: ({ fault }) => meanwhile(fault?.routes.plain) },
  { head: 'AMQP meanwhile', of: ({ fault }) => meanwhile(amqpOf(fault)) },
  { head: 'plain again', of: ({ fault }) => again(fault?.routes.plain) },
  { head: 'AMQP again', of: ({ fault }) => again(amqpOf(fault)) },
  { head: 'slowest', of: ({ requests }) => seconds(requests.maxMs) },
  { head: 'lost', of: lost },
  { head: 'left behind', of: left },
];

/** A kind of row that has a table of its own. */
export interface KindOfTable<Cell extends TrafficRecord> {
  readonly is: (cell: CellRecord) => cell is Cell;
  /** The head of the column of treatments. */
  readonly treatment: string;
}

export const heartbeatRows: KindOfTable<HeartbeatRecord> = { is: isHeartbeat, treatment: 'traffic' };
export const faultRows: KindOfTable<FaultRecord> = { is: isFault, treatment: 'fault' };

/** Id, deployment, treatment and verdict: every table begins with these. */
export const FIRST_COLUMNS = 4;
export const VERDICT_COLUMN = 3;

/**
 * The rows of one kind as text, in the order of the run, the head first. Nothing if there are none.
 *
 * @param wanted the figures, after {@link FIRST_COLUMNS}.
 */
export function tableOfRows<Cell extends TrafficRecord>(
  results: Pick<Results, 'tests'>,
  { is, treatment }: KindOfTable<Cell>,
  wanted: readonly Column[],
): string[][] {
  const tests = testsOf(results, is);
  if (tests.length === 0) return [];
  const all = tests.flatMap(({ cell }) => seenOf(cell) ?? []);
  const shown = wanted.filter(({ onlyWhere }) => !onlyWhere || all.some(onlyWhere));
  const head = ['row', 'deployment', treatment, 'verdict', ...shown.map(({ head }) => head)];
  const rows = tests.map((test) => {
    const figures = seenOf(test.cell);
    return [
      test.cell.id,
      servedWords(test.cell),
      treatmentWords(test.cell) || test.cell.traffic.name,
      verdictOf(test),
      // A dash for a row that could not be executed.
      ...shown.map(({ of }) => (figures ? of(figures) : '–')),
    ];
  });
  return [head, ...rows];
}

/** The figures of a row; undefined: it could not be executed, or nothing was seen of its fault. */
function seenOf(cell: TrafficRecord): Figures | undefined {
  const figures = figuresOf(cell);
  return cell.fault && !figures?.fault ? undefined : figures;
}

/** Marks of verdicts that do not speak for themselves. */
export const marks = {
  '(failed)': 'the row is not as expected; its test says why',
  '(informational)': 'the row was executed, and asserts nothing about its outcome',
  '(not asserted)': 'the row asserts other things than its verdict',
} as const;

function verdictOf({ state, cell: { verdict, expect } }: TestOf<TrafficRecord>): string {
  const marked = { failed: '(failed)', informational: '(informational)', passed: '', pending: '' } as const;
  const mark: keyof typeof marks | '' = marked[state] || (expect.verdict ? '' : '(not asserted)');
  return `${verdict.kind} ${mark}`.trimEnd();
}

/** How many were lost: `0`; `3 of 32`. */
function ofAll(lost: number, all: number): string {
  return lost === 0 ? '0' : `${lost} of ${all}`;
}

/** How many requests were slow, and by how much: `7 by 1.03 s`. */
function slowWords(milliseconds: readonly number[]): string {
  if (milliseconds.length === 0) return '0';
  return `${milliseconds.length} by ${((median(milliseconds) ?? 0) / 1000).toFixed(2)} s`;
}

function logged(loggedBy: LoggedBy) {
  return (figures: Figures) => `${figures.loggedBy[loggedBy]}`;
}

function dropsLoggedBy({ drops, loggedBy }: Figures): string {
  const words = loggers
    .filter((logger) => loggedBy[logger] > 0)
    .map((logger) => `${loggedBy[logger]} ${logger}`);
  return [drops, words.join(', ')].filter((words) => words !== '').join(': ');
}

/** What a deployment did and lost because of a fault, in one line; empty if the row could not be executed. */
export function faultInShort(cell: FaultRecord): string {
  const { verdict, deployment } = cell;
  const seen = seenOf(cell);
  if (!seen) return '';
  const { plain } = seen.fault?.routes ?? {};
  return [
    verdict.kind === 'not recovered' && verdict.reason,
    plain &&
      plain.meanwhile.sent > 0 &&
      `${routeName(deployment, 'plain')} answered meanwhile: ${meanwhile(plain)}`,
    `lost: ${lost(seen)}`,
    seen.fault?.replacement && `left behind: ${left(seen)}`,
  ]
    .filter(Boolean)
    .join('; ');
}

function amqpOf(fault: Figures['fault']): RouteFacts | undefined {
  return fault?.routes.amqp ?? fault?.routes.call;
}

/** How many requests of those sent during the fault were answered, and how slowly: `all 2, 5 ms`; `none of 9`. */
function meanwhile(route: RouteFacts | undefined): string {
  if (!route || route.meanwhile.sent === 0) return '–';
  const { sent, answered, medianMs } = route.meanwhile;
  switch (howManyAnswered(route.meanwhile)) {
    case 'all':
      return `all ${sent}, ${medianMs} ms`;
    case 'some':
      return `${answered} of ${sent}`;
    case 'none':
      return `none of ${sent}`;
  }
}

/** How long after the fault the next answer came, of a route that was not answered all the time. */
function again(route: RouteFacts | undefined): string {
  if (!route || route.meanwhile.sent === 0 || howManyAnswered(route.meanwhile) === 'all') return '–';
  return route.againAfterMs === undefined ? 'never' : seconds(route.againAfterMs);
}

function lost({ requests, messages }: Figures): string {
  const words = [
    requests.failed > 0 && `${requests.failed} of ${requests.sent} requests`,
    messages.lost > 0 && `${messages.lost} of ${messages.expected} messages`,
  ].filter(Boolean);
  return words.join(', ') || 'nothing';
}

function left({ fault }: Figures): string {
  const { replacement } = fault ?? {};
  if (!replacement) return '–';
  const words = [
    replacement.left.length > 0 &&
      `${replacement.left.length} of ${replacement.oldProcesses.length} processes`,
    replacement.connectionsLeft.length > 0 && count(replacement.connectionsLeft.length, 'connection'),
  ].filter(Boolean);
  return words.join(', ') || 'nothing';
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
