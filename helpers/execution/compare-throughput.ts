import { randomInt } from 'node:crypto';
import type { Deployment } from '../deployment/deployment.ts';
import type { ThroughputEvidence } from '../evidence/throughput-evidence.ts';
import type { Lab } from '../lab/lab.ts';
import type { RowRecord } from '../record/record.ts';
import type { Comparison, ThroughputRow } from '../rows/row.ts';
import { defaultTerms, type ThroughputTerms } from '../rows/throughput-terms.ts';
import { comparisonProblem, comparisonVerdict } from '../verdict/comparison-verdict.ts';
import type { Estimate } from '../verdict/throughput-estimate.ts';
import { estimateSoFar } from '../verdict/throughput-verdict.ts';
import { measureThroughput } from './measure-throughput.ts';
import type { ReportProgress } from './progress.ts';
import type { Emit } from './started-deployment.ts';

/** Options of one comparison. */
export interface CompareOptions {
  readonly emit?: Emit;
  readonly progress?: ReportProgress;
  /** The deployment to serve instead of the row's: a planted fault. */
  readonly served?: Deployment;
}

/** The time limit of a comparison of the default length, with start and warm-up, milliseconds. */
const LIMIT_MS = 200_000;
/** Requests of each run of ab in the article. */
const ARTICLE_REQUESTS = 1000;

/** The time limit of one comparison, milliseconds. */
export function comparisonLimitMs({ load, terms }: Pick<Comparison, 'load' | 'terms'>): number {
  const longer = (load.requests / ARTICLE_REQUESTS) * (terms.mostBlocks / defaultTerms.mostBlocks);
  return LIMIT_MS * Math.max(1, longer);
}

/** Measures and judges a row with a load. @throws see {@link measureThroughput}. */
export async function compare(
  lab: Lab,
  { deployment, comparison }: ThroughputRow,
  { emit = () => undefined, progress, served }: CompareOptions,
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
      served,
    },
  );
  return { throughput, verdict: comparisonVerdict(throughput, terms) };
}

/** Emits the estimate so far, and decides whether another block can still change the verdict. */
function emitAndDecide(soFar: ThroughputEvidence, terms: ThroughputTerms, emit: Emit): boolean {
  const { blocks } = soFar;
  if (blocks.length > 0) {
    const starts = blocks.flatMap(({ measurements }) =>
      Object.values(measurements).map((run) => run.startedAt),
    );
    const secondsEach = (Date.now() - Math.min(...starts)) / 1000 / blocks.length;
    emit('block', blockWords(estimateSoFar(blocks, terms), blocks.length, terms.mostBlocks, secondsEach));
  }
  return comparisonProblem(soFar) === undefined;
}

/** The progress of a comparison: `block 3 of 10: ratio 0.918; 47 s left`. The last block adds the interval. */
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
