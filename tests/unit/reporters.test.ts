import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { deploymentName } from '../../helpers/deployment/deployment.ts';
import { isHeartbeat } from '../../helpers/record/record.ts';
import { parseResults } from '../../helpers/record/results-schema.ts';
import { embeddedJson } from '../../helpers/report/page/embedded.ts';
import type { Results } from '../../helpers/report/results.ts';

// Vitest itself runs a small suite: once as a whole, and once as two shards whose blobs are merged.
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const vitest = path('../../node_modules/vitest/vitest.mjs');
const config = {
  test: {
    name: 'acceptance',
    reporters: [
      [path('../../helpers/report/reporter.ts'), { beside: ['junit.xml'], jobSummary: 'summary.md' }],
      [path('../../helpers/report/junit-reporter.ts'), { outputFile: 'junit.xml' }],
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
    [vitest, 'run', `--root=${root}`, `--config=${inFolder(`${basename(root)}.config.mjs`)}`, ...options],
    {
      cwd,
      all: true,
      reject: false,
      env: { NO_COLOR: '1', FORCE_COLOR: undefined, GITHUB_ACTIONS: undefined },
    },
  );
  ran[name] = { output: all, exitCode };
}

const inFolder = (...names: string[]) => join(folder, ...names);
const resultsOf = async (name: string): Promise<Results> =>
  parseResults(await readFile(inFolder(name, 'reports', 'results.json'), 'utf8'));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reporters-'));
  for (const [root, more] of [
    [suite, {}],
    [lost, { globalSetup: join(lost, 'setup.ts'), runner: path('../acceptance/runner.ts') }],
  ] as const) {
    const test = JSON.stringify({ ...config.test, ...more });
    const text = `import { endOfRun } from ${JSON.stringify(path('../../helpers/report/end-of-run.ts'))};
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
    const page = await readFile(inFolder(name, 'reports', 'index.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/i);
    const { tests } = await resultsOf(name);
    const deployments = tests.flatMap(({ cell }) =>
      isHeartbeat(cell) ? deploymentName(cell.deployment) : [],
    );
    expect(deployments).toHaveLength(4);
    // a page is too long for an assertion's message
    expect(deployments.filter((it) => !page.includes(embeddedJson(it)))).toEqual([]);
    expect(ran[name]?.output).toContain('Reports: reports/index.html, reports/results.json, junit.xml');
  }
});

test('junit.xml has the form that its readers expect', async () => {
  const contents = await readFile(inFolder('whole', 'junit.xml'), 'utf8');
  const schema = { fileName: 'junit.xsd', contents: await readFile(path('fixtures/junit.xsd'), 'utf8') };
  const validate = (contents: string) =>
    validateXML({ xml: { fileName: 'junit.xml', contents }, schema }).then(({ errors }) =>
      errors.map(({ message }) => message),
    );
  expect(await validate(contents)).toEqual([]);
  expect(await validate(contents.replace(' classname=', ' class='))).not.toEqual([]);
});

test('junit.xml has each row’s id, verdict and reason as properties', async () => {
  const [whole = '', merged] = await Promise.all(
    ['whole', 'merged'].map(async (name) =>
      (await readFile(inFolder(name, 'junit.xml'), 'utf8')).replace(/ time="[\d.]+"/g, ''),
    ),
  );
  expect(`\n${whole}`).toMatchInlineSnapshot(`
    "
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites tests="9" failures="2" errors="1">
      <testsuite name="one.spec.ts" tests="2" failures="1" errors="0" skipped="0">
        <properties>
          <property name="version" value="3"/>
        </properties>
        <testcase classname="one.spec.ts" name="prefork 8: reproduced">
          <properties>
            <property name="id" value="test/prefork-8"/>
            <property name="verdict" value="reproduced"/>
            <property name="expected" value="reproduced"/>
            <property name="drops" value="2"/>
            <property name="drops logged by heartbeat" value="1"/>
            <property name="drops logged by request" value="0"/>
            <property name="drops logged by nobody" value="1"/>
            <property name="requests slowed" value="0"/>
            <property name="requests lost" value="0"/>
          </properties>
        </testcase>
        <testcase classname="one.spec.ts" name="prefork 1: clean">
          <properties>
            <property name="id" value="test/prefork-1"/>
            <property name="verdict" value="inconclusive"/>
            <property name="expected" value="clean"/>
            <property name="reason" value="the log said &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;  &amp;  no more"/>
            <property name="drops" value="0"/>
            <property name="drops logged by heartbeat" value="0"/>
            <property name="drops logged by request" value="0"/>
            <property name="drops logged by nobody" value="0"/>
            <property name="requests slowed" value="0"/>
            <property name="requests lost" value="0"/>
          </properties>
          <failure message="the log said &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;  &amp;  no more: expected &apos;inconclusive&apos; to be &apos;clean&apos; // Object.is equality" type="AssertionError">the log said &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;  &amp;  no more: expected &apos;inconclusive&apos; to be &apos;clean&apos; // Object.is equality
        at &lt;anonymous&gt; (one.spec.ts:22:34)</failure>
          <system-out>what a test prints ]]&gt; &lt;b&gt;
    </system-out>
        </testcase>
      </testsuite>
      <testsuite name="two.spec.ts" tests="7" failures="1" errors="1" skipped="3">
        <properties>
          <property name="version" value="3"/>
        </properties>
        <testcase classname="two.spec.ts" name="a suite that is broken">
          <error message="no engine" type="Error">no engine
        at &lt;anonymous&gt; (two.spec.ts:31:11)</error>
        </testcase>
        <testcase classname="two.spec.ts" name="event 1 × 25: clean">
          <properties>
            <property name="id" value="test/event-1x25"/>
            <property name="verdict" value="clean"/>
            <property name="expected" value="clean"/>
            <property name="drops" value="0"/>
            <property name="drops logged by heartbeat" value="0"/>
            <property name="drops logged by request" value="0"/>
            <property name="drops logged by nobody" value="0"/>
            <property name="requests slowed" value="0"/>
            <property name="requests lost" value="0"/>
          </properties>
        </testcase>
        <testcase classname="two.spec.ts" name="event 8 × 25, burst: informational">
          <properties>
            <property name="id" value="test/event-8x25"/>
            <property name="verdict" value="dropped"/>
            <property name="expected" value="informational"/>
            <property name="drops" value="2"/>
            <property name="drops logged by heartbeat" value="0"/>
            <property name="drops logged by request" value="1"/>
            <property name="drops logged by nobody" value="1"/>
            <property name="requests slowed" value="1"/>
            <property name="requests slow otherwise" value="1"/>
            <property name="requests lost" value="0"/>
          </properties>
          <skipped message="informational: dropped, 2 drops (1 logged by request, 1 by nobody)"/>
        </testcase>
        <testcase classname="two.spec.ts" name="event 8 × 25: dropped">
          <skipped/>
        </testcase>
        <testcase classname="two.spec.ts" name="of no cell"/>
        <testcase classname="two.spec.ts" name="of no cell, and wrong">
          <failure message="expected 1 to be 2 // Object.is equality" type="AssertionError">expected 1 to be 2 // Object.is equality
        at &lt;anonymous&gt; (two.spec.ts:26:13)</failure>
        </testcase>
        <testcase classname="two.spec.ts" name="a suite that is broken &gt; never runs">
          <skipped/>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
  expect(merged).toContain('<property name="verdict" value="reproduced"/>');
  // as .ci/run counts them
  expect(/<testsuites [^>]*tests="(\d+)" failures="(\d+)" errors="(\d+)"/.exec(whole)?.slice(1)).toEqual([
    '9',
    '2',
    '1',
  ]);
});

test('the run is appended to the job’s summary', async () => {
  expect(await readFile(inFolder('whole', 'summary.md'), 'utf8')).toContain(
    '| `test/prefork-8` | prefork 8 | trickle | `reproduced` |',
  );
});

test('a failing row fails the run, and the terminal says why', () => {
  expect(ran.whole?.exitCode).toBe(1);
  expect(ran.whole?.output).toContain('could not tell    test/prefork-1: the log said');
});

test('a run without a test of the name that was asked for fails and lists the nearest names', () => {
  expect(ran.none?.exitCode).toBe(1);
  expect(ran.none?.output).toMatch(/matches “prefork8”\. There are “prefork [18]: .*, and 3 more$/m);
  expect(ran.whole?.output).not.toContain('No row was executed');
});

test('an informational row is neither passed nor skipped', async () => {
  const states = (await resultsOf('whole')).tests.map(({ name, state }) => [name, state]);
  expect(states).toContainEqual(['event 8 × 25, burst: informational', 'informational']);
  expect(ran.whole?.output).toContain('dropped (informational)');
  const [summary, junit] = await Promise.all(
    ['summary.md', 'junit.xml'].map((file) => readFile(inFolder('whole', file), 'utf8')),
  );
  expect(summary).toContain('**3 passed, 2 failed**, 1 informational (nothing is asserted), 2 skipped');
  expect(junit).toContain(
    '<skipped message="informational: dropped, 2 drops (1 logged by request, 1 by nobody)"/>',
  );
});

test('a run that lost its broker fails at once with one line, and keeps what was decided', async () => {
  const why = 'The run’s broker ended with exit code 137.';
  const { output = '', exitCode } = ran.lost ?? {};
  expect(exitCode).toBe(1);
  expect(output.match(/The run’s broker ended/g)).toHaveLength(1);
  expect(output).not.toMatch(/FAIL|Error/);
  const { tests, endedEarly } = await resultsOf('lost');
  expect(endedEarly).toBe(why);
  expect(tests.map(({ name, state }) => [name, state])).toEqual([['cells > prefork 1: clean', 'passed']]);
  const [summary, junit] = await Promise.all(
    ['summary.md', 'junit.xml'].map((file) => readFile(inFolder('lost', file), 'utf8')),
  );
  expect(summary).toContain(`**${why}**`);
  expect(summary).toContain('**1 passed, 0 failed**, 2 not decided');
  expect(junit).toContain(`<testsuites tests="4" failures="0" errors="1"`);
  expect(junit).toContain(`<error message="${why}" type="EndedEarly">`);
});

test('a missing shard fails the merged run with one line that names it', async () => {
  const why = 'Of the 2 shards, 2 is missing.';
  const { output = '', exitCode } = ran.incomplete ?? {};
  expect(exitCode).toBe(1);
  expect(output.split('\n').filter((line) => line === why)).toHaveLength(1);
  expect((await resultsOf('incomplete')).endedEarly).toBe(why);
  const [summary, junit] = await Promise.all(
    ['summary.md', 'junit.xml'].map((file) => readFile(inFolder('incomplete', file), 'utf8')),
  );
  expect(summary).toContain(`**${why}**`);
  expect(junit).toContain(`<error message="${why}" type="EndedEarly">`);
  expect((await resultsOf('merged')).endedEarly).toBeUndefined();
});

test('a shard that ended early fails the merged run', async () => {
  const why = 'Shard 1 of 1: The run’s broker ended with exit code 137.';
  expect(ran['merged lost']?.exitCode).toBe(1);
  expect((await resultsOf('merged lost')).endedEarly).toBe(why);
  expect(await readFile(inFolder('merged lost', 'junit.xml'), 'utf8')).toContain(
    `<error message="${why}" type="EndedEarly">`,
  );
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

test('the job’s summary names failures that are not tests', async () => {
  expect(await readFile(inFolder('whole', 'summary.md'), 'utf8')).toContain(
    '**a suite that is broken**\n\n```text\nno engine\n```',
  );
});

test('the results have the errors of a failed test', async () => {
  const errors = (await resultsOf('whole')).tests.flatMap(({ errors = [] }) => errors);
  expect(errors).toEqual([expect.stringMatching(/^the log said .* expected 'inconclusive' to be 'clean'/)]);
});
