import { randomInt } from 'node:crypto';
import { describe, expect, inject } from 'vitest';
import { ratesOf } from '../../helpers/evidence/throughput-block.ts';
import { measureThroughput } from '../../helpers/experiment/measure-throughput.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { test } from '../acceptance/lab-test.ts';
import { extraCpuMsFor, SLOWED_SHARE, slowedPrefork } from '../acceptance/slowed-prefork.ts';
import {
  comparisonOf,
  limitMs,
  type ThroughputRow,
  throughputRecord,
} from '../acceptance/throughput-cell.ts';
import { articleDeployments } from '../table/article-deployments.ts';

const runs = Number(process.env.CALIBRATION_RUNS ?? 10);
const { options } = inject('lab');
const { prefork8 } = articleDeployments;
/** Blocks of three equal servers from which the slow-down is calibrated. */
const CALIBRATION_BLOCKS = 5;

const equal: ThroughputRow = {
  baseline: prefork8,
  candidate: prefork8,
  cpus: 1,
  route: 'plain',
  expected: 'within',
  why: 'it is the baseline a third time',
};

/** What a request costs differs from machine to machine: the slow-down is calibrated on this one, once. */
let calibrated: Promise<ThroughputRow> | undefined;
async function slowed(lab: Lab): Promise<ThroughputRow> {
  const { blocks } = await measureThroughput(lab, comparisonOf(equal, options), {
    seed: options.seed ?? randomInt(2 ** 31),
    mostBlocks: CALIBRATION_BLOCKS,
    limitMs: limitMs(options),
    another: () => true,
  });
  const rates = blocks.flatMap((block) => Object.values(ratesOf(block) ?? {}));
  const rate = Math.exp(rates.reduce((sum, it) => sum + Math.log(it), 0) / rates.length);
  return {
    ...equal,
    candidate: slowedPrefork(extraCpuMsFor(SLOWED_SHARE, rate)),
    expected: 'outside',
    why: `its true ratio is ${SLOWED_SHARE}: prefork does ${rate.toFixed(0)} requests/s here`,
  };
}

// In turn, so that what changes on the machine meanwhile meets both.
const rows = Array.from({ length: runs }, (_, index) => [
  [`${index + 1}: equal`, 'equal'] as const,
  [`${index + 1}: slowed`, 'slowed'] as const,
]).flat();

describe('servers whose true ratio is known', { timeout: 2 * limitMs(options) + 60_000 }, () => {
  test.for(rows)('%s', async ([, kind], { lab, task }) => {
    if (kind === 'slowed') calibrated ??= slowed(lab);
    const row = (kind === 'slowed' && (await calibrated)) || equal;
    const { verdict } = await throughputRecord(lab, row, { task });
    // A wrong verdict is an error; one that could not tell is counted, and only so many are allowed.
    expect(['inconclusive', row.expected]).toContain(verdict.kind);
  });
});
