import { describe, expect } from 'vitest';
import type { Application } from '../../helpers/applications/application.ts';
import { stub } from '../../helpers/applications/stub.ts';
import type { Deployment } from '../../helpers/deployment/deployment.ts';
import { type ExecuteOptions, executeOnce, executeRow } from '../../helpers/execution/execute-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import type { RowRecord } from '../../helpers/record/record.ts';
import type { HeartbeatVerdictKind, VerdictKind } from '../../helpers/rows/expectation.ts';
import { type TrafficRow, trafficRow } from '../../helpers/rows/row.ts';
import { violations } from '../../helpers/verdict/violations.ts';
import { test } from '../acceptance/lab-test.ts';
import { loggerDies } from '../acceptance/plants.ts';
import { partsOfRun, settingsOfRun } from '../acceptance/rows-of-run.ts';
import { article } from '../table/article.ts';

// A suite that cannot fail proves nothing. Each mutation changes one thing about the article's rows. Each affected row must
// fail, by its verdict or by its impact. Every other row must pass.

const [today, of2019] = article.map(({ rows }) =>
  rows.map((row) => trafficRow(row, settingsOfRun, partsOfRun)),
) as [TrafficRow[], TrafficRow[]];

/** The verdict of a deployment, whatever its row expects. */
function natural({ mpm, processes, heartbeatThread }: Deployment): HeartbeatVerdictKind {
  if (processes === 1 || heartbeatThread === 'native') return 'clean';
  return mpm === 'prefork' ? 'reproduced' : 'dropped';
}

function withOtherMpm(deployment: Deployment): Deployment {
  const threads = deployment.mpm === 'prefork' ? 25 : 1;
  return { ...deployment, mpm: deployment.mpm === 'prefork' ? 'event' : 'prefork', threads };
}

/** The stub's record, with the lines of requests and of the heartbeat swapped. */
const loggersSwapped: Application = {
  ...stub,
  signatures: {
    unreachable: stub.signatures.heartbeatErrors.at(-1)?.pattern as RegExp,
    heartbeatErrors: [{ pattern: stub.signatures.unreachable, releases: 'any' }],
  },
};

interface Mutation {
  readonly title: string;
  readonly rows: readonly TrafficRow[];
  /** The row that is executed instead. */
  readonly mutated?: (row: TrafficRow) => TrafficRow;
  readonly planted?: (lab: Lab) => ExecuteOptions;
  /** The verdict that must result. */
  readonly verdict: (row: TrafficRow) => VerdictKind;
}

const mutations: readonly Mutation[] = [
  { title: 'control: nothing is changed', rows: today, verdict: ({ deployment }) => natural(deployment) },
  {
    title: 'the MPMs are swapped',
    rows: [...today, ...of2019],
    mutated: (row) => ({ ...row, deployment: withOtherMpm(row.deployment) }),
    verdict: ({ deployment }) => natural(withOtherMpm(deployment)),
  },
  {
    title: 'the heartbeat threads are swapped',
    rows: today,
    mutated: (row) => ({ ...row, deployment: { ...row.deployment, heartbeatThread: 'native' } }),
    verdict: () => 'clean',
  },
  {
    title: 'the application’s logger dies',
    rows: today,
    planted: loggerDies,
    verdict: () => 'inconclusive',
  },
  {
    title: 'the loggers are swapped',
    rows: today,
    planted: () => ({ application: loggersSwapped }),
    verdict: ({ deployment }) =>
      (({ reproduced: 'dropped', dropped: 'reproduced', clean: 'clean' }) as const)[natural(deployment)],
  },
];

for (const { title, rows, mutated = (row: TrafficRow) => row, planted = () => ({}), verdict } of mutations) {
  describe.concurrent(title, () => {
    test.for(rows.map((row) => [row.id, row] as const))('%s', async ([, row], { lab }) => {
      const must = verdict(row);
      const execute = must === 'inconclusive' ? once : executeRow;
      const record = await execute(lab, mutated(row), planted(lab));
      expect(record.verdict).toMatchObject({ kind: must });
      const fails = must === 'inconclusive' || !row.expect.verdict?.includes(must);
      expect(record.violations.length > 0, `the row must ${fails ? 'fail' : 'pass'}`).toBe(fails);
      // A row that passes must do so because of its impact as well.
      if (!fails) expect(withImpactSwapped(record), 'violations with the other impact').not.toEqual([]);
    });
  });
}

/** Executes the row only once, because a second execution would be inconclusive again. */
function once(lab: Lab, row: TrafficRow, options: ExecuteOptions): Promise<RowRecord> {
  return lab.slots.take('shared', () => executeOnce(lab, row, options));
}

/** The violations that the same execution would have if its row expected the opposite impact. */
function withImpactSwapped(record: RowRecord): string[] {
  const slowed = record.expect.slowed === 'none' ? 'some' : 'none';
  const found = record.earlier.flatMap(({ findings }) => findings);
  return violations({ ...record, expect: { ...record.expect, slowed } }, found);
}
