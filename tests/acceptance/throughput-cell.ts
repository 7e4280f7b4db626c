import '../../helpers/report/task-meta.ts';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { expect, type TestContext } from 'vitest';
import { articleTls, type Load } from '../../helpers/config/load.ts';
import type { Options } from '../../helpers/config/options.ts';
import type { Comparison } from '../../helpers/deployment/comparison.ts';
import {
  applicationOf,
  type DeploymentRow,
  deploymentName,
  RefusedError,
} from '../../helpers/deployment/deployment.ts';
import type { ThroughputEvidence } from '../../helpers/evidence/throughput-evidence.ts';
import { type MeasureOptions, measureThroughput } from '../../helpers/experiment/measure-throughput.ts';
import { whyNotPlayed } from '../../helpers/experiment/tries.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { REPORTS } from '../../helpers/report/logs.ts';
import { progressLine } from '../../helpers/report/throughput-table.ts';
import type { ThroughputRecord } from '../../helpers/verdict/cell-record.ts';
import { estimateSoFar } from '../../helpers/verdict/throughput.ts';
import { comparisonProblem, comparisonVerdict } from '../../helpers/verdict/throughput-comparison.ts';
import { defaultTerms, type ThroughputTerms } from '../../helpers/verdict/throughput-terms.ts';
import { deploymentOfRun, type Titled, unlessRefused } from './rows-of-run.ts';
import { tellOf } from './tell.ts';

/** A row of a throughput table: two deployments, what loads them, the verdict expected, and why. */
export interface ThroughputRow {
  readonly baseline: DeploymentRow;
  readonly candidate: DeploymentRow;
  /** The quota of each server. */
  readonly cpus: number;
  readonly route: Load['route'];
  /** Undefined: informational, no verdict is asserted. */
  readonly expected?: ThroughputRecord['expected'];
  /** For an expected `inconclusive`: its words. */
  readonly reason?: RegExp;
  readonly why: string;
}

/** The longest that a comparison of the default length may take, all included, milliseconds. */
const LIMIT_MS = 200_000;
const ARTICLE_REQUESTS = 1000;
/** Nova's own: no connection is dropped while blocks are measured. */
const HEARTBEAT_SECONDS = 60;

/** As the options say it: the longest that one comparison may take, milliseconds. */
export function limitMs({ requests, blocks }: Pick<Options, 'requests' | 'blocks'>): number {
  const longer = (requests / ARTICLE_REQUESTS) * (blocks / defaultTerms.mostBlocks);
  return LIMIT_MS * Math.max(1, longer);
}

/** What people read of a row: `event 1 × 25 against prefork 8, 1 CPU, within`. */
export function rowTitle(row: ThroughputRow): string {
  const name = (it: DeploymentRow) => deploymentName(deploymentOfRun(it));
  const rest = [
    `${row.cpus} CPU${row.cpus === 1 ? '' : 's'}`,
    row.route === 'amqp' && 'the AMQP route',
    row.expected ?? 'reported',
  ];
  return `${name(row.candidate)} against ${name(row.baseline)}, ${rest.filter(Boolean).join(', ')}`;
}

/** A row as the run plays it, or why an application of the user's own cannot be measured so. */
export function rowOfRun(row: ThroughputRow): Titled<ThroughputRow> {
  return unlessRefused(row.candidate, rowTitle, () => {
    for (const it of [row.baseline, row.candidate].map(deploymentOfRun)) {
      const { name, routes } = applicationOf(it);
      const { method } = routes[row.route] ?? { method: 'no such' };
      if (method) throw new RefusedError(it, row.route, `ab sends GET, and ${name} has ${method} route`);
    }
    return row;
  });
}

/**
 * Measures and judges a row. Nothing else may be at work.
 *
 * @throws what is no failure of a real part: it is the suite's own, and fails the test whatever the row expects.
 */
export async function throughputRecord(
  lab: Lab,
  row: ThroughputRow,
  { task }: Pick<TestContext, 'task'>,
  planted: Pick<MeasureOptions, 'served'> = {},
): Promise<ThroughputRecord> {
  const { options } = lab.description;
  const { tolerance, confidence, blocks: mostBlocks } = options;
  const terms: ThroughputTerms = { ...defaultTerms, tolerance, confidence, mostBlocks };
  const comparison = comparisonOf(row, options);
  const { tell, progress, heard } = tellOf(task);

  let result: Pick<ThroughputRecord, 'verdict' | 'evidence'>;
  try {
    const evidence = await measureThroughput(lab, comparison, {
      seed: options.seed ?? randomInt(2 ** 31),
      mostBlocks,
      limitMs: limitMs(options),
      tell: (step, text) => step === 'loaded' && tell(step, text),
      progress,
      another: (soFar) => tellAndDecide(soFar, terms, tell),
      ...planted,
    });
    result = { verdict: comparisonVerdict(evidence, terms), evidence };
  } catch (error) {
    result = { verdict: { kind: 'inconclusive', reason: whyNotPlayed(error).reason } };
  }
  const record: ThroughputRecord = {
    kind: 'throughput',
    ...comparison,
    terms,
    expected: row.expected,
    why: row.why,
    ...result,
  };
  tell('verdict', record.verdict.kind);
  if (record.verdict.kind === 'inconclusive') tell('reason', record.verdict.reason);
  await heard();
  task.meta.cell = record;
  return record;
}

/** Fails unless the verdict is the expected one and everything else about the run was in order. */
export function expectThroughput({ verdict, evidence }: ThroughputRecord, row: ThroughputRow): void {
  if (row.expected === undefined) return;
  if (verdict.kind === 'inconclusive') {
    if (row.expected !== 'inconclusive') {
      const failure = new Error(
        `could not tell: ${verdict.reason}\nall of it: ${join(REPORTS, 'results.json')}`,
      );
      // The row's test is where a reader should look, not this function.
      Error.captureStackTrace(failure, expectThroughput);
      throw failure;
    }
    if (row.reason) expect(verdict.reason).toMatch(row.reason);
    return;
  }
  expect(
    { verdict: verdict.kind, undeclaredLines: evidence?.undeclared },
    `${rowTitle(row)}: ${row.why}`,
  ).toEqual({ verdict: row.expected, undeclaredLines: [] });
}

/** What is measured: the row's deployments with its quota, under the load that the options say. */
export function comparisonOf(
  { baseline, candidate, cpus, route }: ThroughputRow,
  options: Options,
): Comparison {
  const { requests, concurrency } = options;
  const limited = (it: DeploymentRow) =>
    deploymentOfRun({ heartbeatSeconds: HEARTBEAT_SECONDS, ...it, cpus });
  return {
    baseline: limited(baseline),
    candidate: limited(candidate),
    load: { route, requests, concurrency, tls: articleTls },
  };
}

function tellAndDecide(
  soFar: ThroughputEvidence,
  terms: ThroughputTerms,
  tell: (step: string, text: string) => void,
): boolean {
  const { blocks } = soFar;
  if (blocks.length > 0) {
    const secondsEach = (Date.now() - Math.min(...startsOf(soFar))) / 1000 / blocks.length;
    tell('block', progressLine(estimateSoFar(blocks, terms), blocks.length, terms.mostBlocks, secondsEach));
  }
  return comparisonProblem(soFar) === undefined;
}

function startsOf({ blocks }: ThroughputEvidence): number[] {
  return blocks.flatMap(({ measurements }) => Object.values(measurements).map(({ startedAt }) => startedAt));
}
