import { type Evidence, type Teller, tellers } from '../evidence/evidence.ts';
import { servedName } from '../verdict/row.ts';
import { countTellers } from '../verdict/tellers.ts';
import { upperMedian } from './figures.ts';
import { type Results, type TestOf, testsOf } from './results.ts';

/** A column of a table of heartbeat cells. */
export interface Column {
  readonly head: string;
  readonly of: (evidence: Evidence) => string;
  /** The column is there only where this is so of a cell; where it is not said, it always is. */
  readonly onlyWhere?: (evidence: Evidence) => boolean;
}

/** What tables of heartbeat cells show. */
export const columns = {
  drops: { head: 'drops', of: ({ brokerDrops }) => `${brokerDrops.length}` },
  /** Drops and tellers in one: `27: 24 heartbeat, 3 nobody`. */
  dropsTold: { head: 'drops, told by', of: dropsTold },
  toldByHeartbeat: { head: 'told by heartbeat', of: told('heartbeat') },
  toldByRequest: { head: 'by request', of: told('request') },
  toldByNobody: { head: 'by nobody', of: told('nobody') },
  slowed: { head: 'slowed', of: ({ requests }) => slowWords(requests.slowedMs) },
  slowOtherwise: {
    head: 'slow otherwise',
    of: ({ requests }) => slowWords(requests.slowOtherwiseMs),
    onlyWhere: ({ requests }) => requests.slowOtherwiseMs.length > 0,
  },
  lost: {
    head: 'lost',
    of: ({ requests: { failed, sent } }) => (failed.length === 0 ? '0' : `${failed.length} of ${sent}`),
  },
  medianCall: {
    head: 'median call',
    of: ({ requests: { medianMsOf } }) => (medianMsOf?.call === undefined ? '–' : `${medianMsOf.call} ms`),
    onlyWhere: ({ requests: { medianMsOf } }) => medianMsOf?.call !== undefined,
  },
  opened: { head: 'opened', of: ({ connections }) => `${connections.opened}` },
  perProcess: {
    head: 'requests per process',
    of: ({ requests }) =>
      Object.values(requests.perProcess)
        .sort((a, b) => b - a)
        .join(' '),
  },
} as const satisfies Record<string, Column>;

/** Where in a row the verdict stands. */
export const VERDICT_COLUMN = 2;

/**
 * The heartbeat cells of a run as text, a row each in the order of the run, the head first: deployment, traffic,
 * verdict, and what is asked for. Nothing where there are none. Pure.
 */
export function heartbeatTable(results: Pick<Results, 'tests'>, wanted: readonly Column[]): string[][] {
  const tests = testsOf(results, 'heartbeat');
  if (tests.length === 0) return [];
  const all = tests.flatMap(({ cell }) => cell.evidence ?? []);
  const shown = wanted.filter(({ onlyWhere }) => !onlyWhere || all.some(onlyWhere));
  const head = ['deployment', 'traffic', 'verdict', ...shown.map((it) => it.head)];
  const rows = tests.map((test) => [
    servedName(test.cell),
    test.cell.scenario.name,
    verdictOf(test),
    ...shown.map(({ of }) => (test.cell.evidence ? of(test.cell.evidence) : '–')),
  ]);
  return [head, ...rows];
}

/** The verdict, and whether nothing is asserted of the row. */
function verdictOf({ state, cell: { verdict } }: TestOf<'heartbeat'>): string {
  return state === 'reported' ? `${verdict.kind} (reported)` : verdict.kind;
}

/** How many requests were slow, and by how much: `7 by 1.03 s`. */
function slowWords(milliseconds: readonly number[]): string {
  if (milliseconds.length === 0) return '0';
  return `${milliseconds.length} by ${(upperMedian(milliseconds) / 1000).toFixed(2)} s`;
}

function told(teller: Teller) {
  return ({ brokerDrops }: Evidence) => `${countTellers(brokerDrops)[teller]}`;
}

function dropsTold({ brokerDrops }: Evidence): string {
  const counts = countTellers(brokerDrops);
  const words = tellers.filter((it) => counts[it] > 0).map((it) => `${counts[it]} ${it}`);
  return [brokerDrops.length, words.join(', ')].filter((it) => it !== '').join(': ');
}
