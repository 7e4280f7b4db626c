import { describe, expect, test } from 'vitest';
import { times } from '../../helpers/config/scenario.ts';
import { besideTheStub, disagreements } from '../../helpers/report/beside-the-stub.ts';
import { servicesMarkdown, stubsMarkdown } from '../../helpers/report/truth-table-markdown.ts';
import { rowOf, rowTitle } from '../../helpers/verdict/row.ts';
import { truthTable } from '../table/index.ts';
import {
  cleanEvidence,
  droppedEvidence,
  expecting,
  heartbeatRecord,
  reproducedEvidence,
} from './fixtures/heartbeat-record.ts';
import { heartbeatTest, runOf } from './fixtures/sample-results.ts';

const stub = heartbeatRecord();
const nova = heartbeatRecord({ application: 'nova' });
const idle = { scenario: times.compressed.scenarios.idle };
const novaIdle = heartbeatRecord({ application: 'nova' }, idle);
const run = (...cells: (typeof stub)[]) => runOf(cells.map((cell) => heartbeatTest(cell)));

test('a service stands beside the stub that is served and asked as it is', () => {
  const other = heartbeatRecord({ processes: 2 });
  const { twins, alone } = besideTheStub(run(stub, other, novaIdle, nova));
  expect(twins.map((it) => [it.stub.cell, it.services.map(({ cell }) => cell)])).toEqual([[stub, [nova]]]);
  expect(alone.map(({ cell }) => cell)).toEqual([novaIdle]);
});

test('the page of services shows them, and the truth table does not', () => {
  const results = run(stub, heartbeatRecord({ processes: 2 }), nova, novaIdle);
  const names = (table: string[]) => table.flatMap((line) => line.match(/^\| prefork[^|]*/) ?? []);
  expect(names(servicesMarkdown(results))).toEqual([
    '| prefork 1 ',
    '| prefork 1, nova ',
    '| prefork 1, nova ',
  ]);
  expect(names(stubsMarkdown(results))).toEqual(['| prefork 1 ', '| prefork 2 ']);
});

describe('what does not agree', () => {
  const says = (kind: 'clean' | 'reproduced' | 'dropped', expected = expecting(kind)) => ({
    verdict: { kind },
    expected,
  });

  test('nothing where verdict and price are the same', () => {
    expect(disagreements(run(stub, nova))).toEqual([]);
  });

  test('the verdict', () => {
    const other = heartbeatRecord(
      { application: 'nova' },
      { ...says('reproduced'), evidence: reproducedEvidence },
    );
    expect(disagreements(run(stub, other))).toEqual([
      'prefork 1, nova: reproduced: is reproduced, and the stub’s clean',
    ]);
  });

  test('not the verdict where it is luck for both', () => {
    const luck = expecting('reproduced', 'dropped');
    const one = heartbeatRecord({}, { ...says('reproduced', luck), evidence: reproducedEvidence });
    const other = heartbeatRecord(
      { application: 'nova' },
      { ...says('dropped', luck), evidence: droppedEvidence },
    );
    expect(disagreements(run(one, other))).toEqual([]);
  });

  test('the price', () => {
    const slowed = { ...cleanEvidence, requests: { ...cleanEvidence.requests, slowedMs: [1031] } };
    const paying = heartbeatRecord({ application: 'nova' }, { evidence: slowed });
    expect(disagreements(run(stub, paying))).toEqual([
      'prefork 1, nova: clean: 1 requests slowed, and of the stub’s 0',
    ]);
  });
});

test('the rows expect of a service what they expect of the stub', () => {
  const rows = truthTable.flatMap((part) => part.rows).map((row) => rowOf(row, times.compressed));
  const results = runOf(
    rows.map(({ premise: _, declares: __, ...row }) =>
      heartbeatTest(heartbeatRecord({}, { ...row, verdict: { kind: row.expected.verdict?.[0] ?? 'clean' } })),
    ),
  );
  const { twins } = besideTheStub(results);
  expect(twins.length).toBeGreaterThan(8);
  for (const { stub, services } of twins) {
    const { requests } = stub.cell.expected;
    for (const { cell } of services) {
      expect({ ...cell.expected, requests }, rowTitle(cell)).toEqual(stub.cell.expected);
      // A service has more that a request can get stuck in.
      expect([requests, 'reported'], rowTitle(cell)).toContain(cell.expected.requests);
    }
  }
});
