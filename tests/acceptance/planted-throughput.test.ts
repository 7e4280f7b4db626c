import { describe, expect } from 'vitest';
import { deployment } from '../../helpers/deployment/deployment.ts';
import { articleDeployments } from '../table/article-deployments.ts';
import { test } from './lab-test.ts';
import { type ThroughputRow, throughputRecord } from './throughput-cell.ts';

const { prefork1, event1x25 } = articleDeployments;

/** Whatever is found of it, nothing is asserted. */
const informational: ThroughputRow = {
  baseline: prefork1,
  candidate: prefork1,
  cpus: 1,
  route: 'plain',
  why: 'a fault is planted',
};

describe('a throughput row of which nothing is asserted', () => {
  test('fails by a mistake of the suite', async ({ lab, task }) => {
    const served = {
      get candidate(): never {
        throw new TypeError('planted');
      },
    };
    await expect(throughputRecord(lab, informational, { task }, { served })).rejects.toThrow(TypeError);
  });

  test('is inconclusive where a server is another than its row says, before a block is measured', async ({
    lab,
    task,
  }) => {
    const served = { candidate: deployment({ ...event1x25, cpus: 1 }) };
    const { verdict, evidence } = await throughputRecord(lab, informational, { task }, { served });
    expect(verdict).toMatchObject({
      kind: 'inconclusive',
      reason: expect.stringMatching(/^candidate: the server is not what the deployment says/),
    });
    expect(evidence?.blocks).toEqual([]);
  });
});
