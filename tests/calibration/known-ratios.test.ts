import { randomInt } from 'node:crypto';
import { describe, expect, inject } from 'vitest';
import type { DeploymentInput } from '../../helpers/deployment/deployment.ts';
import { ratesOf } from '../../helpers/evidence/throughput-block.ts';
import { comparisonLimitMs } from '../../helpers/execution/compare-throughput.ts';
import { measureThroughput } from '../../helpers/execution/measure-throughput.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import { planRow, type Row, type ThroughputRow } from '../../helpers/rows/row.ts';
import { test } from '../acceptance/lab-test.ts';
import { executedIn } from '../acceptance/row-tests.ts';
import { partsOfRun, settingsOfRun } from '../acceptance/rows-of-run.ts';
import { prefork8 } from '../table/deployments.ts';
import { extraCpuMsFor, SLOWED_SHARE, slowedPrefork } from './slowed-prefork.ts';

const runs = Number(process.env.CALIBRATION_RUNS ?? 10);
const { options } = inject('lab');
/** The slow-down is calibrated with this many blocks of three equal servers. */
const CALIBRATION_BLOCKS = 5;

const load = { baseline: prefork8, cpus: 1, route: 'plain' } as const;
function compared(deployment: DeploymentInput, rest: Pick<Row, 'id' | 'expect' | 'why'>): ThroughputRow {
  return planRow({ deployment, load, ...rest }, settingsOfRun, partsOfRun) as ThroughputRow;
}

const equal = compared(prefork8, {
  id: 'calibration/equal',
  expect: { verdict: 'within' },
  why: 'the candidate is the baseline once more',
});

/** The cost of a request differs between machines, so the slow-down is calibrated once on this machine. */
let calibrated: Promise<ThroughputRow> | undefined;
async function slowed(lab: Lab): Promise<ThroughputRow> {
  const { deployment, comparison } = equal;
  const measured = { baseline: comparison.baseline, candidate: deployment, load: comparison.load };
  const { blocks } = await measureThroughput(lab, measured, {
    seed: options.seed ?? randomInt(2 ** 31),
    mostBlocks: CALIBRATION_BLOCKS,
    limitMs: comparisonLimitMs(comparison),
    another: () => true,
  });
  const rates = blocks.flatMap((block) => Object.values(ratesOf(block) ?? {}));
  const rate = Math.exp(rates.reduce((sum, each) => sum + Math.log(each), 0) / rates.length);
  return compared(slowedPrefork(extraCpuMsFor(SLOWED_SHARE, rate)), {
    id: 'calibration/slowed',
    expect: { verdict: 'outside' },
    why: `its true ratio is ${SLOWED_SHARE}: prefork answers ${rate.toFixed(0)} requests/s here`,
  });
}

// They alternate, so that a change of the machine during the run affects both.
const all = Array.from({ length: runs }, (_, index) => [
  [`equal-${index + 1}`, 'equal'] as const,
  [`slowed-${index + 1}`, 'slowed'] as const,
]).flat();

describe('servers whose true ratio is known', {
  timeout: 2 * comparisonLimitMs(equal.comparison) + 60_000,
}, () => {
  test.for(all)('calibration/%s', async ([name, kind], { lab, task }) => {
    if (kind === 'slowed') calibrated ??= slowed(lab);
    const row = (kind === 'slowed' && (await calibrated)) || equal;
    const { verdict, expect: expected } = await executedIn(task, lab, { ...row, id: `calibration/${name}` });
    // A wrong verdict is an error. Inconclusive verdicts are counted, because the calibration allows some.
    expect(['inconclusive', ...(expected.verdict ?? [])]).toContain(verdict.kind);
  });
});
