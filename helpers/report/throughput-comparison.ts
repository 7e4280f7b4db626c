import { deploymentName, routeName } from '../deployment/deployment.ts';
import type { ThroughputRecord } from '../verdict/cell-record.ts';
import type { Results } from './results.ts';
import { MOST_COLUMNS } from './terminal.ts';
import { type ThroughputComparison, throughputLines } from './throughput-table.ts';
import { wrapped } from './wrapped.ts';

/**
 * The table and the sentence of each throughput comparison of a run.
 *
 * @param columns of the terminal, which the sentence is wrapped to.
 */
export function throughputTables({ tests }: Pick<Results, 'tests'>, columns = MOST_COLUMNS): string[] {
  return tests.flatMap(({ cell }) => {
    if (cell.kind !== 'throughput') return [];
    const lines = throughputLines(comparisonOf(cell));
    const sentence = wrapped(lines.at(-1) ?? '', Math.min(columns, MOST_COLUMNS) - 2);
    return ['', ...lines.slice(0, -1), ...sentence.map((line, index) => (index === 0 ? line : `  ${line}`))];
  });
}

/** A record as the table wants it. */
export function comparisonOf(record: ThroughputRecord): ThroughputComparison {
  const { baseline, candidate, load, terms, verdict, evidence } = record;
  // What is the same for all is left out; the quota stands in the title.
  const heartbeat = baseline.heartbeatSeconds === candidate.heartbeatSeconds && { heartbeatSeconds: 1 };
  const name = (it: typeof baseline) => deploymentName({ ...it, ...heartbeat, cpus: undefined });
  const cpus =
    baseline.cpus === undefined ? 'all CPUs' : `${baseline.cpus} CPU${baseline.cpus === 1 ? '' : 's'} each`;
  return {
    title: `${routeName(baseline, load.route)}, ${load.tls.protocol}, ${cpus}, ab -n ${load.requests} -c ${load.concurrency}`,
    names: {
      baseline: name(baseline),
      baselineAgain: `${name(baseline)} again`,
      candidate: name(candidate),
    },
    terms,
    seed: evidence?.seed,
    blocks: evidence?.blocks ?? [],
    verdict,
  };
}
