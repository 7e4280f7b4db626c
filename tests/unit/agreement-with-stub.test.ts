import { describe, expect, test } from 'vitest';
import type { HeartbeatRecord } from '../../helpers/record/record.ts';
import { agreementWithStub, disagreements } from '../../helpers/report/text/agreement-with-stub.ts';
import { servicePage, stubPage } from '../../helpers/report/text/rows-markdown.ts';
import { planRow } from '../../helpers/rows/row.ts';
import { times } from '../../helpers/rows/traffic.ts';
import { table } from '../table/index.ts';
import {
  droppedEvidence,
  expecting,
  heartbeatRecord,
  reproducedEvidence,
  withRequests,
} from './fixtures/row-record.ts';
import { heartbeatTest, runOf } from './fixtures/sample-results.ts';
import { settings } from './fixtures/settings.ts';

const stub = heartbeatRecord();
const nova = heartbeatRecord({ application: 'nova' });
const idle = { traffic: times.compressed.traffic.idle };
const novaIdle = heartbeatRecord({ application: 'nova' }, idle);
const run = (...cells: HeartbeatRecord[]) => runOf(cells.map((cell) => heartbeatTest(cell)));

test('a service is compared with the stub’s row under the same conditions', () => {
  const other = heartbeatRecord({ processes: 2 });
  const { compared, alone } = agreementWithStub(run(stub, other, novaIdle, nova));
  expect(compared.map((row) => [row.ofStub.cell, row.services.map(({ cell }) => cell)])).toEqual([
    [stub, [nova]],
  ]);
  expect(alone.map(({ cell }) => cell)).toEqual([novaIdle]);
});

test('services are on a page of their own, below the rows of the stub that they are compared with', () => {
  const results = run(stub, heartbeatRecord({ processes: 2 }), nova, novaIdle);
  const ids = (lines: string[]) => lines.flatMap((line) => /^\| `([^`]*)`/.exec(line)?.[1] ?? []);
  expect(ids(servicePage(results))).toEqual([stub.id, nova.id, novaIdle.id]);
  expect(ids(stubPage(results))).toEqual([stub.id, 'test/prefork-2']);
});

describe('a service and the stub', () => {
  const reproduced = { verdict: { kind: 'reproduced' }, evidence: reproducedEvidence } as const;
  const dropped = { verdict: { kind: 'dropped' }, evidence: droppedEvidence } as const;
  const luck = { expect: expecting('reproduced', 'dropped') };

  test.for<[string, ofStub: Partial<HeartbeatRecord>, ofNova: Partial<HeartbeatRecord>, RegExp?]>([
    ['agree if their verdicts and slowed requests are the same', {}, {}],
    ['agree if both rows allow either verdict', { ...luck, ...reproduced }, { ...luck, ...dropped }],
    [
      'disagree if their verdicts differ',
      {},
      { ...reproduced, expect: expecting('reproduced') },
      /reproduced.* clean$/,
    ],
    [
      'disagree if reconnects slow requests of only one',
      {},
      { evidence: withRequests({ slowedMs: [1031] }) },
      /\b1 requests slowed.*\b0 /,
    ],
  ])('%s', ([, ofStub, ofNova, fact]) => {
    const found = disagreements(
      run(heartbeatRecord({}, ofStub), heartbeatRecord({ application: 'nova' }, ofNova)),
    );
    const row = 'test/prefork-1-nova: ';
    expect(found).toEqual(fact ? [expect.stringMatching(new RegExp(`^${row}.*${fact.source}`))] : []);
  });
});

test('the table expects of a service what it expects of the stub', () => {
  const { 'table-debian-testing': _, ...released } = table;
  const rows = Object.values(released)
    .flat()
    .flatMap((group) => group.rows)
    .map((row) => planRow(row, settings));
  const records = rows.flatMap((row) => {
    if (row.comparison || row.fault) return [];
    const { id, deployment, traffic, expect: expected } = row;
    return [heartbeatRecord({}, { id, deployment, traffic, expect: expected })];
  });
  const { compared } = agreementWithStub(run(...records));
  expect(compared.length).toBeGreaterThan(8);
  for (const { ofStub, services } of compared) {
    const { requests, least } = ofStub.cell.expect;
    for (const { cell } of services) {
      // A service has more connections than the stub, so that another share of its requests meets a dead one.
      const slowed = cell.expect.least?.slowed;
      const expected = { ...ofStub.cell.expect, ...(least && { least: { ...least, slowed } }) };
      expect({ ...cell.expect, requests }, cell.id).toEqual(expected);
      // A request to a service can get stuck in more ways.
      expect([requests, 'any'], cell.id).toContain(cell.expect.requests);
    }
  }
});
