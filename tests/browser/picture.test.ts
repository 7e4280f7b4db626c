import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect } from 'vitest';
import type { Evidence, RequestFact } from '../../helpers/evidence/evidence.ts';
import type { Results } from '../../helpers/report/results/results.ts';
import { withoutEvidence } from '../../helpers/report/results/without-evidence.ts';
import { folderWith } from '../unit/fixtures/folder.ts';
import { fullSampleResults, mainTests, sampleResults } from '../unit/fixtures/sample-results.ts';
import { test } from './page-test.ts';
import { pictureProblems } from './picture-problems.ts';

const results = sampleResults();
const full = fullSampleResults();

describe('README’s picture', () => {
  test('shows what its caption says', async ({ openPage }) => {
    expect(await pictureProblems(await openPage(results, { width: 1100, height: 900 }))).toEqual([]);
    expect(await pictureProblems(await openPage(full, { width: 1100, height: 900 }))).toEqual([]);
  });

  test('cannot be drawn without requests and frames', async ({ openPage }) => {
    expect(await pictureProblems(await openPage(withoutEvidence(results)))).toEqual([
      'the panels are none, and not prefork 8, event 8 × 25, prefork 1, event 1 × 25',
    ]);
  });

  test('is refused if drops or requests are not where the caption says', async ({ openPage }) => {
    const [prefork8, event1, prefork1, event8] = mainTests();
    if (!prefork8 || !event1 || !prefork1 || !event8) throw new Error('the main table has four cells');
    const evidence = prefork8.cell.evidence as Evidence;
    const [one] = evidence.requests.all;
    const without = {
      ...evidence.requests,
      all: evidence.requests.all.filter(({ pid }) => pid !== one?.pid),
    };
    const changed = [
      {
        ...prefork8,
        cell: { ...prefork8.cell, evidence: { ...evidence, brokerDrops: [], requests: without } },
      },
      event1,
      { ...prefork1, cell: { ...prefork1.cell, evidence } },
      event8,
    ];
    expect(await pictureProblems(await openPage({ ...results, tests: changed }))).toEqual([
      'prefork 8: 0 drops are drawn',
      `prefork 8: the lane of process ${one?.pid} has no request`,
      'prefork 1: 18 drops are drawn',
    ]);
  });

  test('is refused if its time axis is not that of a window', async ({ openPage }) => {
    const tests = mainTests().map((test) => {
      const evidence = test.cell.evidence as Evidence;
      const [first, ...rest] = evidence.requests.all;
      const all = [{ ...(first as RequestFact), sentAt: 0, endedAt: 20 }, ...rest];
      return {
        ...test,
        cell: { ...test.cell, evidence: { ...evidence, requests: { ...evidence.requests, all } } },
      };
    });
    const [problem] = await pictureProblems(await openPage({ ...results, tests }));
    expect(problem).toMatch(/^prefork 8: the time axis shows .*\d{9} s/);
  });
});

describe('npm run dev:picture', () => {
  const draw = async (of: Results) => {
    const folder = folderWith({ 'results.json': JSON.stringify(of) });
    const [file, picture] = [join(folder, 'results.json'), join(folder, 'picture.png')];
    const command = ['--import', 'tsx', 'scripts/picture.ts', file, picture];
    const { exitCode, stderr } = await execa('node', command, { reject: false });
    const start = existsSync(picture) ? (await readFile(picture)).subarray(1, 4).toString() : undefined;
    return { exitCode, start, complaint: stderr.replaceAll(`${folder}/`, '') };
  };

  test('draws the picture from a whole run', async () => {
    expect(await draw(results)).toEqual({ exitCode: 0, start: 'PNG', complaint: '' });
  });

  test('refuses in one line what would not be the picture', async () => {
    const figuresAlone = await draw(withoutEvidence(results));
    const other = await draw({ ...results, tests: mainTests().slice(1) });
    const refused = (complaint: RegExp) => ({
      exitCode: 1,
      start: undefined,
      complaint: expect.stringMatching(complaint),
    });
    expect(figuresAlone).toEqual(refused(/^picture: results\.json .*requests and frames.*$/));
    expect(other).toEqual(
      refused(/^picture: .* event 8 × 25, prefork 1, event 1 × 25.* prefork 8, event 8 × 25, prefork 1, .*$/),
    );
  });
});
