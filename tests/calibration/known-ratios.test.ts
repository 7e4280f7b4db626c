import { describe, expect, inject } from 'vitest';
import { articleDeployments } from '../acceptance/article-deployments.ts';
import { test } from '../acceptance/lab-test.ts';
import { slowedPrefork, TURNS_FOR_085 } from '../acceptance/slowed-prefork.ts';
import { limitMs, type ThroughputRow, throughputRecord } from '../acceptance/throughput-cell.ts';

const runs = Number(process.env.CALIBRATION_RUNS ?? 10);
const { options } = inject('lab');
const { prefork8 } = articleDeployments;

const equal: ThroughputRow = {
  baseline: prefork8,
  candidate: prefork8,
  cpus: 1,
  route: 'plain',
  expected: 'within',
  why: 'it is the baseline a third time',
};
const slowed: ThroughputRow = {
  ...equal,
  candidate: slowedPrefork(TURNS_FOR_085),
  expected: 'outside',
  why: 'its true ratio is 0.85',
};

// In turn, so that what changes on the machine meanwhile meets both.
const rows = Array.from({ length: runs }, (_, index) => [
  [`${index + 1}: equal`, equal] as const,
  [`${index + 1}: slowed`, slowed] as const,
]).flat();

describe('servers whose true ratio is known', { timeout: limitMs(options) + 60_000 }, () => {
  test.for(rows)('%s', async ([, row], { lab, task, annotate }) => {
    const { verdict } = await throughputRecord(lab, row, { task, annotate });
    // A wrong verdict is an error; one that could not tell is counted, and only so many are allowed.
    expect(['inconclusive', row.expected]).toContain(verdict.kind);
  });
});
