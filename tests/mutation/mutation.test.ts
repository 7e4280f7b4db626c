import { describe, expect, inject } from 'vitest';
import type { Application } from '../../helpers/applications/application.ts';
import { stub } from '../../helpers/applications/stub.ts';
import { times } from '../../helpers/config/scenario.ts';
import { type Deployment, deploymentName } from '../../helpers/deployment/deployment.ts';
import { type PlayOptions, playOnce, playRow } from '../../helpers/experiment/play-row.ts';
import type { Lab } from '../../helpers/lab/lab.ts';
import type { HeartbeatRecord } from '../../helpers/verdict/cell-record.ts';
import { objections } from '../../helpers/verdict/expectation.ts';
import type { HeartbeatKind, HeartbeatVerdict } from '../../helpers/verdict/heartbeat.ts';
import { type Row, rowOf } from '../../helpers/verdict/row.ts';
import { loggerDies } from '../acceptance/faults.ts';
import { test } from '../acceptance/lab-test.ts';
import { partsOfRow } from '../acceptance/rows-of-run.ts';
import { article } from '../table/article.ts';

// A suite that cannot fail proves nothing. Each mutation changes one thing about the article's rows, and every row
// that it matters to must go red, by its verdict or by its price; every other one must stay green.

const [today, of2019] = article.map(({ rows }) =>
  rows.map((row) => rowOf(row, times[inject('lab').options.times], partsOfRow)),
) as [Row[], Row[]];

/** What each deployment does, whatever a row expects of it. */
function natural({ mpm, processes, heartbeatThread }: Deployment): HeartbeatKind {
  if (processes === 1 || heartbeatThread === 'native') return 'clean';
  return mpm === 'prefork' ? 'reproduced' : 'dropped';
}

function withOtherMpm(deployment: Deployment): Deployment {
  const threads = deployment.mpm === 'prefork' ? 25 : 1;
  return { ...deployment, mpm: deployment.mpm === 'prefork' ? 'event' : 'prefork', threads };
}

/** Who tells of a drop is taken for the other. */
const tellersSwapped: Application = {
  ...stub,
  signatures: {
    unreachable: stub.signatures.heartbeatErrors.at(-1)?.pattern as RegExp,
    heartbeatErrors: [{ pattern: stub.signatures.unreachable, releases: 'any' }],
  },
};

interface Mutation {
  readonly title: string;
  readonly rows: readonly Row[];
  /** The row that is played in its place. */
  readonly mutated?: (row: Row) => Row;
  readonly planted?: (lab: Lab) => PlayOptions;
  /** The verdict that must come out. */
  readonly verdict: (row: Row) => HeartbeatVerdict['kind'];
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
    title: 'the tellers are swapped',
    rows: today,
    planted: () => ({ application: tellersSwapped }),
    verdict: ({ deployment }) =>
      (({ reproduced: 'dropped', dropped: 'reproduced', clean: 'clean' }) as const)[natural(deployment)],
  },
];

for (const { title, rows, mutated = (row: Row) => row, planted = () => ({}), verdict } of mutations) {
  describe.concurrent(title, () => {
    test.for(rows.map((row) => [deploymentName(row.deployment), row] as const))('%s', async ([, row], {
      lab,
    }) => {
      const must = verdict(row);
      const play = must === 'inconclusive' ? once : playRow;
      const record = await play(lab, mutated(row), planted(lab));
      expect(record.verdict).toMatchObject({ kind: must });
      const red = must === 'inconclusive' || !row.expected.verdict?.includes(must);
      expect(objections(record).length > 0, `must be ${red ? 'red' : 'green'}`).toBe(red);
      // What is green must be so for its price as well.
      if (!red) expect(objections(priceSwapped(record)), 'with the other price').not.toEqual([]);
    });
  });
}

/** Without another try: what must be inconclusive is so again. */
function once(...[lab, row, options]: Parameters<typeof playRow>): Promise<HeartbeatRecord> {
  return lab.turns.take('beside others', () => playOnce(lab, row, options));
}

/** The same record, of a row that expects the other price. */
function priceSwapped(record: HeartbeatRecord): HeartbeatRecord {
  const { expected } = record;
  return { ...record, expected: { ...expected, slowed: expected.slowed === 'none' ? 'some' : 'none' } };
}
