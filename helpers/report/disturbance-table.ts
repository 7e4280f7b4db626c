import { deploymentName, routeName } from '../deployment/deployment.ts';
import type { DisturbanceFacts, RouteFacts } from '../evidence/disturbance-facts.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { DisturbanceRecord } from '../verdict/cell-record.ts';
import { disturbanceWords, shareOf } from '../verdict/disturbance-row.ts';
import { count } from './figures.ts';
import { type Results, testsOf } from './results.ts';

/** Where in a row the verdict stands. */
export const DISTURBED_VERDICT_COLUMN = 2;

/** What is told of each disturbed cell besides its verdict. */
const figures: Readonly<Record<string, (cell: Played) => string>> = {
  'plain meanwhile': ({ facts }) => meanwhile(facts.routes.plain),
  'AMQP meanwhile': ({ facts }) => meanwhile(facts.routes.amqp ?? facts.routes.call),
  'plain again': ({ facts }) => again(facts.routes.plain),
  'AMQP again': ({ facts }) => again(facts.routes.amqp ?? facts.routes.call),
  slowest: ({ evidence }) => seconds(evidence.requests.maxMs),
  lost,
  'left behind': left,
};
type Played = DisturbanceRecord & {
  readonly facts: DisturbanceFacts;
  readonly evidence: Evidence;
};

/**
 * The disturbed cells of a run as text, a row each in the order of the run, the head first. Nothing where there are
 * none. Pure.
 */
export function disturbanceTable(results: Pick<Results, 'tests'>): string[][] {
  const tests = testsOf(results, 'disturbance');
  if (tests.length === 0) return [];
  const head = ['deployment', 'disturbed by', 'verdict', ...Object.keys(figures)];
  return [
    head,
    ...tests.map(({ state, cell }) => [
      deploymentName(cell.deployment),
      disturbanceWords(cell),
      state === 'reported' ? `${cell.verdict.kind} (reported)` : cell.verdict.kind,
      ...disturbanceFigures(cell).map(([, words]) => words),
    ]),
  ];
}

/** Name and value of each figure; a dash for a cell that could not be played. Pure. */
export function disturbanceFigures(cell: DisturbanceRecord): (readonly [name: string, words: string])[] {
  return Object.entries(figures).map(([name, words]) => [name, isPlayed(cell) ? words(cell) : '–']);
}

function isPlayed(cell: DisturbanceRecord): cell is Played {
  return cell.facts !== undefined && cell.evidence !== undefined;
}

/** What a disturbed deployment did and lost, in one line; empty where it could not be played. Pure. */
export function disturbanceInShort(cell: DisturbanceRecord): string {
  if (!isPlayed(cell)) return '';
  const { facts, deployment, verdict } = cell;
  const path = routeName(deployment, 'plain');
  const { plain } = facts.routes;
  return [
    verdict.kind === 'not recovered' && verdict.reason,
    plain && plain.meanwhile.sent > 0 && `${path} answered meanwhile: ${meanwhile(plain)}`,
    `lost: ${lost(cell)}`,
    facts.replacement && `left behind: ${left(cell)}`,
  ]
    .filter(Boolean)
    .join('; ');
}

/** `all 2, 5 ms`; `none of 9`: how many of those that were sent were answered while it lasted, and how slowly. */
function meanwhile(route: RouteFacts | undefined): string {
  if (!route || route.meanwhile.sent === 0) return '–';
  const { sent, answered, medianMs } = route.meanwhile;
  switch (shareOf(route.meanwhile)) {
    case 'all':
      return `all ${sent}, ${medianMs} ms`;
    case 'some':
      return `${answered} of ${sent}`;
    case 'none':
      return `none of ${sent}`;
  }
}

/** How long after its end the next answer came, of a route that was not answered all the time. */
function again(route: RouteFacts | undefined): string {
  if (!route || route.meanwhile.sent === 0 || shareOf(route.meanwhile) === 'all') return '–';
  return route.againAfterMs === undefined ? 'never' : seconds(route.againAfterMs);
}

function lost({ evidence: { requests, messages } }: Played): string {
  const words = [
    requests.failed.length > 0 && `${requests.failed.length} of ${requests.sent} requests`,
    messages.lost.length > 0 && `${messages.lost.length} of ${messages.expected} messages`,
  ].filter(Boolean);
  return words.join(', ') || 'nothing';
}

function left({ facts: { replacement } }: Played): string {
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
