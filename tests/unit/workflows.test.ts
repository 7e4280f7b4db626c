import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { steps?: readonly { uses?: string; with?: Readonly<Record<string, unknown>> }[] }>
  >;
}

/** The lines of the fixtures that are wrong. How GitHub’s parser words that, and how often, may change. */
const planted: Readonly<Record<string, readonly (readonly [line: number, what: string])[]>> = {
  'bad.yml': [
    [5, 'an unknown permission'],
    [8, 'a job that needs a missing job'],
    [14, 'an unknown context'],
    [15, 'an expression that does not end'],
    [16, 'an unknown key of a step'],
    [17, 'a shell script that does not end'],
    [22, 'an unknown input of a called workflow'],
  ],
  'page.md': [
    [9, 'YAML that cannot be parsed'],
    [18, 'an unknown input of a called workflow'],
    [24, 'a shell script that does not end'],
    [30, 'YAML that cannot be parsed'],
  ],
};

test('every fault in a workflow or a page is found at its line', { timeout: 60_000 }, async () => {
  const folder = 'tests/unit/fixtures/workflows';
  const { exitCode, stderr } = await execa('node', ['--import', 'tsx', 'scripts/workflows.ts', folder], {
    reject: false,
  });
  expect(exitCode).toBe(1);
  const found = stderr.split('\n').map((line) => /^(\S+):(\d+): \S/.exec(line.replace(`${folder}/`, '')));
  const places = found.map((match) => `${match?.[1]}:${match?.[2]}`);
  const expected = Object.entries(planted).flatMap(([file, all]) => all.map(([line]) => `${file}:${line}`));
  expect([...new Set(places)].sort()).toEqual(expected.sort());
});

test('no checkout leaves its credentials where later steps could read them', async () => {
  const folder = '.github/workflows';
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(`${folder}/${name}`, 'utf8')),
  );
  const checkouts = texts.flatMap((text) =>
    Object.values((parse(text) as Workflow).jobs).flatMap(({ steps = [] }) =>
      steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')),
    ),
  );
  expect(checkouts.length).toBeGreaterThan(5);
  for (const { with: given } of checkouts) expect(given).toMatchObject({ 'persist-credentials': false });
});
