import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { CellRecord } from '../../helpers/record/record.ts';
import { RESULTS_VERSION } from '../../helpers/record/results-schema.ts';
import { type JunitCase, junitXml } from '../../helpers/report/junit.ts';
import { droppedEvidence, earlierExecution, heartbeatRecord, inconclusive } from './fixtures/row-record.ts';
import { throughputRecord } from './fixtures/throughput-record.ts';

const page = readFileSync(new URL('../../docs/interface.md', import.meta.url), 'utf8');

test('docs/interface.md has the version of the code', () => {
  expect(page).toContain(`Version ${RESULTS_VERSION}.`);
});

test('docs/interface.md lists the properties of junit.xml, and no others', () => {
  const cells: CellRecord[] = [
    heartbeatRecord(
      {},
      { verdict: inconclusive('late'), earlier: [earlierExecution('late')], evidence: droppedEvidence },
    ),
    throughputRecord(8, 1),
  ];
  const cases = cells.map((cell): JunitCase => ({ name: '', milliseconds: 0, state: 'passed', cell }));
  const xml = junitXml([{ file: '', milliseconds: 0, cases }]);
  const written = [...xml.matchAll(/<property name="([^"]*)"/g)].map(([, name]) => name);
  const [, table = ''] = page.split('## junit.xml');
  const listed = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(new Set(['version', ...listed])).toEqual(new Set(written));
});
