import { stubApi } from '../config/application.ts';
import { deploymentName } from '../config/deployment.ts';
import type { ThroughputRecord } from '../verdict/cell-record.ts';
import type { Results } from './results.ts';
import { type ThroughputComparison, throughputLines } from './throughput-table.ts';

/** The table and the sentence of each throughput comparison of a run. */
export function throughputTables({ tests }: Pick<Results, 'tests'>): string[] {
  return tests.flatMap(({ cell }) =>
    cell.kind === 'throughput' ? ['', ...throughputLines(comparisonOf(cell))] : [],
  );
}

/** A record as the table wants it. */
export function comparisonOf(record: ThroughputRecord): ThroughputComparison {
  const { baseline, candidate, load, terms, verdict, evidence } = record;
  // The quota is the same for all and stands in the title.
  const name = (it: typeof baseline) => deploymentName({ ...it, cpus: undefined });
  const cpus =
    baseline.cpus === undefined ? 'all CPUs' : `${baseline.cpus} CPU${baseline.cpus === 1 ? '' : 's'} each`;
  return {
    title: `${stubApi.routes[load.route]}, ${load.tls.protocol}, ${cpus}, ab -n ${load.requests} -c ${load.concurrency}`,
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
