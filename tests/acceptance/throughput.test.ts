import { describe, inject, type TestContext } from 'vitest';
import { cellLimitMs } from '../../helpers/config/scenario.ts';
import { RefusedError } from '../../helpers/deployment/deployment.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { articleDeployments } from '../table/article-deployments.ts';
import { test } from './lab-test.ts';
import { slowedPrefork } from './slowed-prefork.ts';
import { sayRefused } from './tell.ts';
import {
  expectThroughput,
  limitMs,
  rowOfRun,
  type ThroughputRow,
  throughputRecord,
} from './throughput-cell.ts';

const { options } = inject('lab');
const { prefork8, event1x25 } = articleDeployments;
const event2x25 = { mpm: 'event', processes: 2, threads: 25 } as const;
const notPatched = { concurrency: 'threads' } as const;

/** Asserted in every run. */
const article: ThroughputRow = {
  baseline: prefork8,
  candidate: event1x25,
  cpus: 1,
  route: 'plain',
  expected: 'within',
  why: 'one CPU is what both have to share, and one interpreter lock can keep it busy',
};

const others: readonly ThroughputRow[] = [
  {
    ...article,
    candidate: slowedPrefork(1),
    expected: 'outside',
    why: 'a loss of a fifth or more is planted (on any machine that answers more than 250 requests/s), and the instruments must see it',
  },
  {
    ...article,
    cpus: 2,
    expected: undefined,
    why: 'with two CPUs the one interpreter lock of a single process may be what limits event',
  },
  {
    ...article,
    candidate: event2x25,
    cpus: 2,
    why: 'two processes have two interpreter locks',
  },
  {
    baseline: { ...prefork8, ...notPatched },
    candidate: { ...event1x25, ...notPatched },
    cpus: 1,
    route: 'amqp',
    expected: 'within',
    why: 'without eventlet native threads publish side by side',
  },
  {
    ...article,
    route: 'amqp',
    expected: 'inconclusive',
    reason:
      /^(block \d+, )?candidate(, while it was warmed)?: stuck after \d+ of \d+ requests: apr_pollset_poll: The timeout specified has expired \(70007\)$/,
    why: 'patched locks break across native threads, and the waiting one never wakes: there is no rate to compare',
  },
];

// One after another; each waits until nothing else is at work.
describe('throughput', { timeout: limitMs(options) + cellLimitMs[options.times] }, () => {
  test.for([article].map(rowOfRun))('%s', ([, row], { lab, task, skip }) => play(row, { lab, task, skip }));

  test.skipIf(options.throughput === 'article').for(others.map(rowOfRun))(
    '%s',
    ([, row], { lab, task, skip }) => play(row, { lab, task, skip }),
  );
});

async function play(
  row: ThroughputRow | RefusedError,
  { lab, task, skip }: Pick<TestContext, 'task' | 'skip'> & { lab: Lab },
): Promise<void> {
  if (row instanceof RefusedError) return skip(await sayRefused(task, row));
  expectThroughput(await throughputRecord(lab, row, { task }), row);
  // A test that could not have failed has not passed.
  if (row.expected === undefined) skip('reported: nothing certain can be expected of this row');
}
