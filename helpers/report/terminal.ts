import { styleText } from 'node:util';
import { deploymentName } from '../config/deployment.ts';
import { isKind } from '../verdict/cell-record.ts';
import type { Claim } from '../verdict/claims.ts';
import { aligned } from './aligned.ts';
import type { Results } from './results.ts';

const NAME_WIDTH = 42;

/** A line for one step of one cell, `elapsedMs` after the start. */
export function stepLine(elapsedMs: number, test: string, step: string, text: string): string {
  const time = `${(elapsedMs / 1000).toFixed(1).padStart(5)} s`;
  const colour = step === 'error' || text === 'inconclusive' ? 'red' : step === 'verdict' ? 'bold' : 'dim';
  return `${styleText('dim', time)}  ${test.padEnd(NAME_WIDTH)} ${styleText(colour, step.padEnd(11))} ${text}`;
}

/** The table of heartbeat cells: verdict, and the figures that it was drawn from. */
export function tableLines({ tests }: Pick<Results, 'tests'>): string[] {
  const cells = tests.map(({ cell }) => cell).filter(isKind('heartbeat'));
  if (cells.length === 0) return [];
  const head = [
    'deployment',
    'traffic',
    'verdict',
    'heartbeat errors',
    'broker drops',
    'opened',
    '“unreachable”',
    'slowed',
    'lost',
    'requests per process',
  ];
  const rows = cells.map(({ deployment, scenario, verdict, evidence: it }) => [
    deploymentName(deployment),
    scenario.name,
    verdict.kind,
    ...(it
      ? [
          `${it.heartbeatErrors.length}`,
          `${it.brokerDrops.length}`,
          `${it.connections.opened}`,
          `${it.unreachableLines.length}`,
          slowedWords(it.requests.slowedMs),
          `${it.requests.failed.length}`,
          Object.values(it.requests.perProcess)
            .sort((a, b) => b - a)
            .join(' '),
        ]
      : ['–', '–', '–', '–', '–', '–', '–']),
  ]);
  return ['', ...aligned([head, ...rows])];
}

/** The claims of the article and what the verdicts say of each. */
export function claimLines({ claims }: { claims: readonly Claim[] }): string[] {
  if (claims.length === 0) return [];
  const colours = {
    holds: 'green',
    'holds only where': 'yellow',
    'does not hold': 'red',
    'could not tell': 'magenta',
  } as const;
  return [
    '',
    'The article’s claims',
    ...claims.flatMap(({ sentence, answer, because }) => [
      `  ${styleText(colours[answer], answer.padEnd(16))}  ${sentence}`,
      `  ${' '.repeat(16)}  ${styleText('dim', because)}`,
    ]),
  ];
}

/** Where the time went. */
export function timeLines({ seconds, startUp, tests }: Results): string[] {
  const start = Object.entries(startUp).map(([step, ms]) => `${step} ${(ms / 1000).toFixed(1)} s`);
  const steps = new Map<string, number>();
  for (const { cell } of tests) {
    if (cell.kind !== 'heartbeat') continue;
    for (const [step, ms] of Object.entries(cell.evidence?.timings ?? {})) {
      steps.set(step, Math.max(steps.get(step) ?? 0, ms));
    }
  }
  const cells = [...steps].map(([step, ms]) => `${step} ${(ms / 1000).toFixed(1)} s`);
  return [
    '',
    `Time: ${seconds.toFixed(1)} s of tests, after ${start.join(', ')}`,
    ...(cells.length > 0
      ? [`      the longest of each step of a cell (cells run side by side): ${cells.join(', ')}`]
      : []),
  ];
}

/** How many requests a reconnect slowed, and by how much: `7 by 1.03 s`. */
export function slowedWords(slowedMs: readonly number[]): string {
  return slowedMs.length === 0 ? '0' : `${slowedMs.length} by ${(median(slowedMs) / 1000).toFixed(2)} s`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
