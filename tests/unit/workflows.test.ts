import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { steps?: readonly { uses?: string; with?: Readonly<Record<string, unknown>> }[] }>
  >;
}

test('a workflow that cannot run is found out before it is to', { timeout: 60_000 }, async () => {
  const check = ['--import', 'tsx', 'scripts/workflows.ts', 'tests/unit/fixtures/workflows'];
  const { exitCode, stderr } = await execa('node', check, { reject: false });
  expect(exitCode).toBe(1);
  expect(`\n${stderr.replaceAll('tests/unit/fixtures/workflows/', '')}\n`).toMatchInlineSnapshot(`
    "
    bad.yml:8: Value 'none' is not valid
    bad.yml:14: Context access might be invalid: nod
    bad.yml:14: Context access might be invalid: nothing
    bad.yml:5: Unexpected value 'content'
    bad.yml:15: Unexpected end of expression: '('
    bad.yml:16: Unexpected value 'evn'
    bad.yml:8: Job 'one' depends on unknown job 'none'.
    bad.yml:22: Invalid input, row is not defined in the referenced workflow.
    bad.yml:17: bash: line 2: syntax error: unexpected end of file
    page.md:9: Nested mappings are not allowed in compact mappings at line 6, column 13:
    page.md:18: Invalid input, row is not defined in the referenced workflow.
    page.md:24: bash: line 3: syntax error: unexpected end of file
    page.md:30: Flow sequence in block collection must be sufficiently indented and end with a ] at line 2, column 1:
    "
  `);
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
