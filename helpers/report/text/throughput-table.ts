import { count } from '../../config/count.ts';
import { routeName } from '../../deployment/deployment.ts';
import { median } from '../../evidence/median.ts';
import { finishedRuns, type ThroughputBlock } from '../../evidence/throughput-block.ts';
import { isThroughput, type ThroughputRecord } from '../../record/record.ts';
import { type Role, roles } from '../../rows/load.ts';
import { nameBeside } from '../../rows/row.ts';
import type { ThroughputTerms } from '../../rows/throughput-terms.ts';
import type { Estimate, Interval } from '../../verdict/throughput-estimate.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import { type Results, testsOf } from '../results/results.ts';
import { aligned } from './aligned.ts';
import { MOST_COLUMNS, wrapped } from './wrapped.ts';

/** A throughput comparison as the reports need it. */
export interface ThroughputComparison {
  /** Of the row. */
  readonly id: string;
  /** What was loaded, e.g. `/, TLS, one CPU each`. */
  readonly title: string;
  /** The name of each server. */
  readonly names: Readonly<Record<Role, string>>;
  readonly terms: ThroughputTerms;
  /** Undefined: nothing was measured. */
  readonly seed?: number | undefined;
  readonly blocks: readonly ThroughputBlock[];
  readonly verdict: Verdict;
}

/** The estimate of a verdict on throughput, if anything was measured. */
export function estimateIn(verdict: Verdict): Estimate | undefined {
  return 'estimate' in verdict ? verdict.estimate : undefined;
}

/**
 * The table and the sentence of each throughput comparison of a run.
 *
 * @param columns of the terminal, which the sentence is wrapped to.
 */
export function throughputTables({ tests }: Pick<Results, 'tests'>, columns = MOST_COLUMNS): string[] {
  return testsOf({ tests }, isThroughput).flatMap(({ cell }) => {
    const lines = throughputLines(comparisonOf(cell));
    const sentence = wrapped(lines.at(-1) ?? '', Math.min(columns, MOST_COLUMNS) - 2, '', '  ');
    return ['', ...lines.slice(0, -1), ...sentence];
  });
}

/** A record as the table needs it. */
export function comparisonOf({
  id,
  deployment: candidate,
  comparison: { baseline, load, terms },
  throughput,
  verdict,
}: ThroughputRecord): ThroughputComparison {
  const name = nameBeside(baseline, candidate);
  const cpus = baseline.cpus === undefined ? 'all CPUs' : `${count(baseline.cpus, 'CPU')} each`;
  return {
    id,
    title: `${routeName(baseline, load.route)}, ${load.tls.protocol}, ${cpus}, ab -n ${load.requests} -c ${load.concurrency}`,
    names: {
      baseline: name,
      baselineAgain: `${name} again`,
      candidate: nameBeside(candidate, baseline),
    },
    terms,
    seed: throughput?.seed,
    blocks: throughput?.blocks ?? [],
    verdict,
  };
}

/**
 * A comparison as a table like benchstat's, and the conclusion.
 *
 * Each server has a row: its rate and how it scatters, its ratio to the baseline (the candidate's: to the mean of both)
 * with the interval, and its latency.
 */
export function throughputLines(comparison: ThroughputComparison): string[] {
  const { verdict, names } = comparison;
  const estimate = estimateIn(verdict);
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
    rate(comparison.blocks, role),
    ...against[role],
    ...latencyWords(comparison.blocks, role),
  ]);
  return [
    `${comparison.id}: ${comparison.title} (${count(comparison.blocks.length, 'block')}${comparison.seed === undefined ? '' : `, seed ${comparison.seed}`})`,
    ...aligned([head, ...rows], (column) => column > 0),
    `${verdict.kind}: ${conclusion(comparison)}`,
  ];
}

/** One sentence that says what may be concluded, and what may not. */
export function conclusion({
  names,
  terms,
  verdict,
}: Pick<ThroughputComparison, 'names' | 'terms' | 'verdict'>): string {
  const estimate = estimateIn(verdict);
  if (verdict.kind === 'inconclusive' || !estimate) {
    const why = 'reason' in verdict ? verdict.reason : 'nothing was measured';
    return `nothing may be concluded about ${names.candidate}: ${why}.`;
  }
  const { ratio, interval, smallestLoss, blocks } = estimate;
  const { low = ratio, high = ratio } = interval ?? {};
  const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;
  const { tolerance, confidence, betweenContainers } = terms;
  const sure = (bound: string, end: number) =>
    `${bound} ${end.toFixed(3)} times with ${percent(confidence)} confidence${betweenContainers === undefined ? '' : ` if containers of one image differ by ${percent(betweenContainers)} or less`}`;
  const answers = `${names.candidate} answers ${ratio.toFixed(3)} times as many requests as ${names.baseline}`;
  if (verdict.kind === 'outside') {
    return `${answers}, ${sure('at most', high)}: it loses more than ${percent(tolerance)}. The measurement does not say how much more.`;
  }
  if (low >= 1) return `${answers}, ${sure('at least', low)}: it loses nothing.`;
  return `${answers}, ${sure('at least', low)}: it does not lose more than ${percent(tolerance)}. With ${blocks} such blocks, a loss below ${percent(smallestLoss ?? 0)} cannot reliably be told from none.`;
}

/** Geometric mean and standard deviation of a server's requests per second. */
function rate(blocks: readonly ThroughputBlock[], role: Role): string {
  const rates = finishedRuns(blocks, role).map(({ requestsPerSecond }) => requestsPerSecond);
  if (rates.length === 0) return '–';
  const mean = geometricMean(rates);
  if (rates.length === 1) return mean.toFixed(1);
  const squares = rates.reduce((sum, rate) => sum + Math.log(rate / mean) ** 2, 0);
  return `${mean.toFixed(1)} ± ${(Math.sqrt(squares / (rates.length - 1)) * 100).toFixed(0)} %`;
}

/** The geometric mean: for values that are compared by their ratio, such as requests per second. */
export function geometricMean(rates: readonly number[]): number {
  return Math.exp(rates.reduce((sum, rate) => sum + Math.log(rate), 0) / rates.length);
}

/** Milliseconds within which 50, 95 and 99 % of the requests were answered: medians over the blocks. */
export function latencyWords(blocks: readonly ThroughputBlock[], role: Role): string[] {
  const runs = finishedRuns(blocks, role);
  return ([50, 95, 99] as const).map((percentage) =>
    runs.length === 0
      ? '–'
      : `${Math.round(median(runs.map(({ percentilesMs }) => percentilesMs[percentage])) ?? 0)}`,
  );
}

function change(ratio: number): string {
  const percent = Math.abs((ratio - 1) * 100).toFixed(1);
  const sign = percent === '0.0' ? '±' : ratio < 1 ? '−' : '+';
  return `${sign}${percent} %`;
}

function range(interval: Interval | undefined): string {
  if (!interval) return 'too few blocks';
  const { low, high, confidence } = interval;
  return `${low.toFixed(3)} to ${high.toFixed(3)} (${(confidence * 100).toFixed(0)} % each end)`;
}
