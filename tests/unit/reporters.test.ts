import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploymentName } from '../../helpers/deployment/deployment.ts';
import { isHeartbeat } from '../../helpers/record/record.ts';
import { parseResults } from '../../helpers/record/results-schema.ts';
import { embeddedJson } from '../../helpers/report/page/page.ts';
import type { Results } from '../../helpers/report/results/results.ts';

// Vitest itself runs a small suite: once as a whole, and once as two shards whose blobs are merged.
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const vitest = path('../../node_modules/vitest/vitest.mjs');
const config = {
  test: {
    name: 'acceptance',
    reporters: [
      [path('../../helpers/report/reporter.ts'), { jobSummary: 'summary.md' }],
      ['junit', { suiteName: 'mpm-heartbeat' }],
    ],
  },
};
const suite = path('fixtures/suite');
const lost = path('fixtures/lost');

let folder: string;
const ran: Record<string, { output: string; exitCode: number | undefined }> = {};

async function runVitest(name: string, root: string, ...options: string[]): Promise<void> {
  const cwd = join(folder, name);
  await mkdir(cwd);
  const { exitCode, all } = await execa(
    'node',
    [
      vitest,
      'run',
      `--root=${root}`,
      `--config=${inFolder(`${basename(root)}.config.mjs`)}`,
      `--outputFile.junit=${join(cwd, 'junit.xml')}`,
      ...options,
    ],
    {
      cwd,
      all: true,
      reject: false,
      env: { NO_COLOR: '1', FORCE_COLOR: undefined, GITHUB_ACTIONS: undefined, INIT_CWD: undefined },
    },
  );
  ran[name] = { output: all, exitCode };
}

const inFolder = (...names: string[]) => join(folder, ...names);
const fileOf = (name: string, ...file: string[]) => readFile(inFolder(name, ...file), 'utf8');
const resultsOf = async (name: string): Promise<Results> =>
  parseResults(await fileOf(name, 'reports', 'results.json'));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reporters-'));
  for (const [root, more] of [
    [suite, {}],
    [lost, { globalSetup: join(lost, 'setup.ts'), runner: path('../acceptance/cancelling-runner.ts') }],
  ] as const) {
    const test = JSON.stringify({ ...config.test, ...more });
    const text = `import { endOfRun } from ${JSON.stringify(path('../../helpers/report/results/end-of-run.ts'))};
export default { plugins: [endOfRun()], test: ${test} };\n`;
    await writeFile(inFolder(`${basename(root)}.config.mjs`), text);
  }
  const blob = (shard: string, folder: string) => [
    `--shard=${shard}`,
    '--reporter=blob',
    `--outputFile.blob=${inFolder(folder, `${shard[0]}.json`)}`,
  ];
  await runVitest('whole', suite);
  await runVitest('shard 1', suite, ...blob('1/2', 'blobs'));
  await runVitest('shard 2', suite, ...blob('2/2', 'blobs'));
  await runVitest('merged', suite, `--merge-reports=${inFolder('blobs')}`);
  await runVitest('none', suite, '-t', 'prefork8');
  await runVitest('lost', lost);
  // One shard of two, and the only shard of a run that lost its broker.
  await runVitest('shard alone', suite, ...blob('1/2', 'one-of-two'), '-t', 'reproduced|event 1 × 25: clean');
  await runVitest('incomplete', suite, `--merge-reports=${inFolder('one-of-two')}`);
  await runVitest('lost shard', lost, ...blob('1/1', 'of-lost'));
  await runVitest('merged lost', lost, `--merge-reports=${inFolder('of-lost')}`);
}, 240_000);
afterAll(() => rm(folder, { recursive: true }));

test('merged shards have the table and the claims of one run', async () => {
  const [whole, merged] = [await resultsOf('whole'), await resultsOf('merged')];
  const comparable = ({ tests, claims }: Results) => ({
    claims,
    tests: tests.map(({ milliseconds: _, ...test }) => test),
  });
  expect(whole.tests).toHaveLength(4);
  expect(comparable(merged)).toEqual(comparable(whole));
  expect(tableOf('merged')).toEqual(tableOf('whole'));
});

/** What the reporter prints, up to the times. */
function tableOf(name: string): string {
  const output = ran[name]?.output ?? '';
  expect(output).toContain('\nrow ');
  return output.slice(output.indexOf('\nrow '), output.indexOf('\nTime: '));
}

test('merged shards say how many they were and how long they took', async () => {
  const { shards, startUp, seconds, startedAt } = await resultsOf('merged');
  expect({ shards, startUp }).toEqual({ shards: 2, startUp: { engine: 20, broker: 4000 } });
  expect(seconds).toBeLessThan(30);
  expect(Date.parse(startedAt)).toBeLessThan(Date.now());
  expect(ran.merged?.output).toContain('the longest of 2 runs that were merged');
});

test('the page is written beside the results, also for merged shards', async () => {
  for (const name of ['whole', 'merged']) {
    const page = await fileOf(name, 'reports', 'index.html');
    expect(page).toMatch(/^<!doctype html>/i);
    const { tests } = await resultsOf(name);
    const deployments = tests.flatMap(({ cell }) =>
      isHeartbeat(cell) ? deploymentName(cell.deployment) : [],
    );
    expect(deployments).toHaveLength(4);
    // a page is too long for an assertion's message
    expect(deployments.filter((deployment) => !page.includes(embeddedJson(deployment)))).toEqual([]);
    expect(ran[name]?.output).toContain('Reports: reports/index.html, reports/results.json');
  }
});

test.for(['whole', 'merged'])('junit.xml has each test, and why it failed: %s', async (name) => {
  const xml = await fileOf(name, 'junit.xml');
  const cases = [...xml.matchAll(/<testcase .*? name="(.*?)".*>([\s\S]*?)<\/testcase>/g)].map(
    ([, test, content = '']) =>
      [test, ...(content.match(/<skipped\/>|(?<=<failure message=").*?(?=")/g) ?? [])].join(' | '),
  );
  expect(cases.sort()).toEqual([
    'a suite that is broken &gt; never runs | <skipped/>',
    'a suite that is broken | no engine',
    'event 1 × 25: clean',
    'event 8 × 25, burst: informational | <skipped/>',
    'event 8 × 25: dropped | <skipped/>',
    'of no cell',
    'of no cell, and wrong | expected 1 to be 2 // Object.is equality',
    expect.stringMatching(/^prefork 1: clean \| the log said &lt;script&gt;.*expected .*inconclusive/),
    'prefork 8: reproduced',
  ]);
  // .ci/run counts them so.
  const [, ...counts] =
    /<testsuites name="mpm-heartbeat" tests="(\d+)" failures="(\d+)" errors="(\d+)"/.exec(xml) ?? [];
  expect(counts).toEqual(['9', '3', '0']);
});

test('the job’s summary has the rows, the counts and the failures that are not tests', async () => {
  const summary = await fileOf('whole', 'summary.md');
  for (const part of [
    '| `test/prefork-8` | prefork 8 | trickle | `reproduced` |',
    '**3 passed, 2 failed**, 1 informational (nothing is asserted about the outcome), 2 skipped',
    '**a suite that is broken**\n\n```text\nno engine\n```',
  ])
    expect(summary).toContain(part);
});

test('a failing row fails the run, and the terminal says why', () => {
  expect(ran.whole?.exitCode).toBe(1);
  expect(ran.whole?.output).toContain('could not tell    test/prefork-1: the log said');
});

test('a run without a test of the name that was asked for fails and lists the nearest names', () => {
  expect(ran.none?.exitCode).toBe(1);
  expect(ran.none?.output).toMatch(
    /matches “prefork8”\. The nearest are “prefork [18]: .*; npm run rows lists all$/m,
  );
  expect(ran.whole?.output).not.toContain('No row was executed');
});

test('results.json and the terminal call a row informational, and neither passed nor skipped', async () => {
  const states = (await resultsOf('whole')).tests.map(({ name, state }) => [name, state]);
  expect(states).toContainEqual(['event 8 × 25, burst: informational', 'informational']);
  expect(ran.whole?.output).toContain('dropped (informational)');
});

test.for([
  { name: 'lost', why: 'The run’s broker ended with exit code 137.' },
  { name: 'merged lost', why: 'Shard 1 of 1: The run’s broker ended with exit code 137.' },
  { name: 'incomplete', why: 'Of the 2 shards, 2 is missing.' },
])('a run that is not whole fails with one line that says why: $name', async ({ name, why }) => {
  const { output = '', exitCode } = ran[name] ?? {};
  expect(exitCode).toBe(1);
  expect(output.split('\n').filter((line) => line === why)).toHaveLength(1);
  expect(output).not.toMatch(/FAIL|Error/);
  const { tests, endedEarly } = await resultsOf(name);
  expect(endedEarly).toBe(why);
  expect(tests.map(({ state }) => state)).toEqual(['passed']);
  expect(await fileOf(name, 'summary.md')).toContain(`**${why}**`);
  expect(await fileOf(name, 'junit.xml')).toMatch(/<\/testsuites>\n$/);
});

test('a whole run has not ended early', async () => {
  expect((await resultsOf('merged')).endedEarly).toBeUndefined();
});

test('the results have failures outside rows, and what was not decided', async () => {
  const inShort = async (name: string) =>
    (await resultsOf(name)).failures?.map(({ file, name, state, errors }) =>
      [file, name, state, ...errors].join(' | '),
    );
  const whole = [
    'two.spec.ts | a suite that is broken | error | no engine',
    'two.spec.ts | of no cell, and wrong | failed | expected 1 to be 2 // Object.is equality',
  ];
  expect(await inShort('whole')).toEqual(whole);
  expect(await inShort('merged')).toEqual(whole);
  const cutOff = [
    'one.spec.ts | cells > event 8 × 25: dropped | pending',
    'one.spec.ts | event 1 × 25: clean | pending',
  ];
  expect(await inShort('lost')).toEqual(cutOff);
  expect(await inShort('merged lost')).toEqual(cutOff);
});

test('the results have the errors of a failed test', async () => {
  const errors = (await resultsOf('whole')).tests.flatMap(({ errors = [] }) => errors);
  expect(errors).toEqual([expect.stringMatching(/^the log said .* expected 'inconclusive' to be 'clean'/)]);
});
