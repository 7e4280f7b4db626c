import { randomInt } from 'node:crypto';
import type { Deployment } from '../deployment/deployment.ts';
import type { ThroughputEvidence } from '../evidence/throughput-evidence.ts';
import type { Lab } from '../lab/lab.ts';
import type { RowRecord } from '../record/record.ts';
import type { Role } from '../rows/load.ts';
import type { Comparison, ThroughputRow } from '../rows/row.ts';
import { defaultTerms, type ThroughputTerms } from '../rows/throughput-terms.ts';
import { estimateSoFar } from '../verdict/throughput.ts';
import { comparisonProblem, comparisonVerdict } from '../verdict/throughput-comparison.ts';
import type { Estimate } from '../verdict/throughput-estimate.ts';
import { measureThroughput } from './measure-throughput.ts';
import type { ReportProgress } from './progress.ts';
import type { EmitStep } from './started-deployment.ts';

export interface CompareOptions {
  readonly emit?: EmitStep;
  readonly progress?: ReportProgress;
  /** What is really served, if it is not what the row says: a fault that is planted on purpose. */
  readonly servedAs?: Readonly<Partial<Record<Role, Deployment>>>;
}

/** The longest that a comparison of the default length may take, all included, milliseconds. */
const LIMIT_MS = 200_000;
/** Requests of each run of ab, as the article's. */
const ARTICLE_REQUESTS = 1000;

/** The longest that one comparison may take, milliseconds. */
export function comparisonLimitMs({ load, terms }: Pick<Comparison, 'load' | 'terms'>): number {
  const longer = (load.requests / ARTICLE_REQUESTS) * (terms.mostBlocks / defaultTerms.mostBlocks);
  return LIMIT_MS * Math.max(1, longer);
}

/** Measures and judges a row. Nothing else may be at work. @throws see {@link measureThroughput}. */
export async function compare(
  lab: Lab,
  { deployment, comparison }: ThroughputRow,
  { emit = () => undefined, progress, servedAs }: CompareOptions,
): Promise<Pick<RowRecord, 'throughput' | 'verdict'>> {
  const { baseline, load, terms } = comparison;
  const throughput = await measureThroughput(
    lab,
    { baseline, candidate: deployment, load },
    {
      seed: lab.description.options.seed ?? randomInt(2 ** 31),
      mostBlocks: terms.mostBlocks,
      limitMs: comparisonLimitMs(comparison),
      emit: (step, text) => step === 'loaded' && emit(step, text),
      ...(progress && { progress }),
      another: (soFar) => emitAndDecide(soFar, terms, emit),
      ...(servedAs && { served: servedAs }),
    },
  );
  return { throughput, verdict: comparisonVerdict(throughput, terms) };
}

function emitAndDecide(soFar: ThroughputEvidence, terms: ThroughputTerms, emit: EmitStep): boolean {
  const { blocks } = soFar;
  if (blocks.length > 0) {
    const secondsEach = (Date.now() - Math.min(...startsOf(soFar))) / 1000 / blocks.length;
    emit('block', blockWords(estimateSoFar(blocks, terms), blocks.length, terms.mostBlocks, secondsEach));
  }
  return comparisonProblem(soFar) === undefined;
}

function startsOf({ blocks }: ThroughputEvidence): number[] {
  return blocks.flatMap(({ measurements }) => Object.values(measurements).map(({ startedAt }) => startedAt));
}

/** `block 3 of 10: ratio 1.072, 1.031 to 1.115; 32 s left`. */
export function blockWords(
  estimate: Estimate | undefined,
  blocks: number,
  mostBlocks: number,
  secondsEach: number,
): string {
  const ratio = estimate ? `ratio ${estimate.ratio.toFixed(3)}` : 'no ratio yet';
  const { interval } = estimate ?? {};
  const range = interval ? `, ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}` : '';
  const left = blocks < mostBlocks ? `; ${Math.ceil((mostBlocks - blocks) * secondsEach)} s left` : '';
  return `block ${blocks} of ${mostBlocks}: ${ratio}${range}${left}`;
}
