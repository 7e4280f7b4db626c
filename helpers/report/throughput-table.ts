import { type Role, roles } from '../config/load.ts';
import { finishedRuns, type ThroughputBlock } from '../evidence/throughput-block.ts';
import type { ThroughputVerdict } from '../verdict/throughput.ts';
import type { Estimate, Interval } from '../verdict/throughput-estimate.ts';
import type { ThroughputTerms } from '../verdict/throughput-terms.ts';
import { aligned } from './aligned.ts';
import { count, median } from './figures.ts';

/** A throughput comparison as the reports need it. */
export interface ThroughputComparison {
  /** What was loaded, e.g. `/, TLS, one CPU each`. */
  readonly title: string;
  /** How people speak of each server. */
  readonly names: Readonly<Record<Role, string>>;
  readonly terms: ThroughputTerms;
  /** Undefined where nothing was measured. */
  readonly seed?: number | undefined;
  readonly blocks: readonly ThroughputBlock[];
  readonly verdict: ThroughputVerdict;
}

/** A line for the terminal after a block: the ratio so far, and how long it will still take. */
export function progressLine(
  estimate: Estimate | undefined,
  blocks: number,
  mostBlocks: number,
  secondsEach: number,
): string {
  const ratio = estimate ? `ratio ${estimate.ratio.toFixed(3)}` : 'no ratio yet';
  const interval = estimate?.interval ? `, ${range(estimate.interval)}` : '';
  const left = blocks < mostBlocks ? `; ${Math.ceil((mostBlocks - blocks) * secondsEach)} s left` : '';
  return `block ${blocks} of ${mostBlocks}: ${ratio}${interval}${left}`;
}

/**
 * The table, in the manner of benchstat: a row for each server with its rate, how it scatters, what
 * it is against the baseline (the candidate: against the mean of both) and how sure that is, and its
 * latency; then what may be concluded.
 */
export function throughputLines(it: ThroughputComparison): string[] {
  const { verdict, names } = it;
  const estimate = verdict.estimate;
  const against: Readonly<Record<Role, string[]>> = {
    baseline: ['', ''],
    baselineAgain: estimate ? [change(estimate.control.ratio), range(estimate.control.interval)] : ['', ''],
    candidate: estimate ? [change(estimate.ratio), range(estimate.interval)] : ['', ''],
  };
  const head = [
    '',
    'requests/s',
    `vs ${names.baseline}`,
    'interval of the ratio',
    'p50 ms',
    'p95 ms',
    'p99 ms',
  ];
  const rows = roles.map((role) => [
    names[role],
    rate(it.blocks, role),
    ...against[role],
    ...latency(it.blocks, role),
  ]);
  return [
    `${it.title} (${count(it.blocks.length, 'block')}${it.seed === undefined ? '' : `, seed ${it.seed}`})`,
    ...aligned([head, ...rows], (column) => column > 0),
    `${verdict.kind}: ${conclusion(it)}`,
  ];
}

/** One sentence that says what may be concluded, and what may not. */
export function conclusion({
  names,
  terms,
  verdict,
}: Omit<ThroughputComparison, 'title' | 'blocks' | 'seed'>): string {
  if (verdict.kind === 'inconclusive') {
    return `nothing may be concluded about ${names.candidate}: ${verdict.reason}.`;
  }
  const { ratio, interval, smallestLoss, blocks } = verdict.estimate;
  const { low = ratio, high = ratio } = interval ?? {};
  const percent = (it: number) => `${Number((it * 100).toFixed(1))} %`;
  const { tolerance, confidence, betweenContainers } = terms;
  const sure = (bound: string, end: number) =>
    `${bound} ${end.toFixed(3)} times with ${percent(confidence)} confidence${betweenContainers === undefined ? '' : ` where containers of one image differ by ${percent(betweenContainers)} or less`}`;
  const answers = `${names.candidate} answers ${ratio.toFixed(3)} times as many requests as ${names.baseline}`;
  if (verdict.kind === 'outside') {
    return `${answers}, ${sure('at most', high)}: it loses more than ${percent(tolerance)}, and how much more is known no better than that.`;
  }
  if (low >= 1) return `${answers}, ${sure('at least', low)}: it loses nothing.`;
  return `${answers}, ${sure('at least', low)}: it does not lose more than ${percent(tolerance)}, but ${count(blocks, 'block')} that scatter like these may miss a loss below ${percent(smallestLoss ?? 0)}.`;
}

/** Geometric mean and standard deviation of a server's requests per second. */
function rate(blocks: readonly ThroughputBlock[], role: Role): string {
  const logs = finishedRuns(blocks, role).map(({ requestsPerSecond }) => Math.log(requestsPerSecond));
  if (logs.length === 0) return '–';
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  if (logs.length === 1) return `${Math.exp(mean).toFixed(1)}`;
  const scatter = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (logs.length - 1));
  return `${Math.exp(mean).toFixed(1)} ± ${(scatter * 100).toFixed(0)} %`;
}

/** Medians over the blocks of ab's percentiles. */
function latency(blocks: readonly ThroughputBlock[], role: Role): string[] {
  const runs = finishedRuns(blocks, role);
  return ([50, 95, 99] as const).map((percentage) =>
    runs.length === 0 ? '–' : `${median(runs.map(({ percentilesMs }) => percentilesMs[percentage]))}`,
  );
}

function change(ratio: number): string {
  const percent = Math.abs((ratio - 1) * 100).toFixed(1);
  const sign = percent === '0.0' ? '±' : ratio < 1 ? '−' : '+';
  return `${sign}${percent} %`;
}

function range(interval: Interval | undefined): string {
  if (!interval) return 'too few blocks';
  const { low, high, confidence, of } = interval;
  return `${low.toFixed(3)} to ${high.toFixed(3)} (${(confidence * 100).toFixed(0)} %${of === 'each end' ? ' each end' : ''})`;
}
