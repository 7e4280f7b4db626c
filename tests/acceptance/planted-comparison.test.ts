import { describe, expect } from 'vitest';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { executeRow } from '../../helpers/execution/execute-row.ts';
import type { Progress } from '../../helpers/execution/progress.ts';
import { planRow } from '../../helpers/rows/row.ts';
import { event1x25, prefork1 } from '../table/deployments.ts';
import { test } from './lab-test.ts';
import { couldNotTell } from './planted-row.ts';
import { settingsOfRun } from './rows-of-run.ts';

/** A row that asserts nothing. */
const informational = planRow(
  {
    id: 'planted/throughput',
    deployment: prefork1,
    load: { baseline: prefork1, cpus: 1, route: 'plain' },
    expect: {},
    why: 'something is planted',
  },
  settingsOfRun,
);

describe('an informational throughput row', () => {
  test('fails if the suite itself fails', async ({ lab }) => {
    const progress = ({ step }: Progress) => {
      if (step === 'starts three servers') throw new TypeError('planted');
    };
    await expect(executeRow(lab, informational, { progress })).rejects.toThrow(TypeError);
  });

  test('is inconclusive before its first block if a server differs from the row', async ({ lab }) => {
    const served = deployment({ ...event1x25, cpus: 1 });
    const { verdict, throughput } = await executeRow(lab, informational, { served });
    expect(verdict).toEqual(couldNotTell('throughput not measured', /^candidate/, 'mpm_event_module'));
    expect(throughput?.blocks).toEqual([]);
  });
});
