import { execa } from 'execa';
import { expect, test } from 'vitest';

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
    "
  `);
});
