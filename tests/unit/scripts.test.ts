import { readdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import kept from '../../docs/results.json' with { type: 'json' };
import project from '../../package.json' with { type: 'json' };

// Which tests a command plays is decided by their names: nothing may fall through.

async function filesOf(script: keyof typeof project.scripts): Promise<string[]> {
  const command = project.scripts[script].replace('vitest run', 'vitest list --filesOnly --json');
  const { stdout } = await execa(command, { shell: true, preferLocal: true });
  const files = JSON.parse(stdout) as { file: string }[];
  return files.map(({ file }) => relative(process.cwd(), file)).sort();
}

test('what .ci/run leaves out is the truth table, whose rows are in docs/results.json', {
  timeout: 120_000,
}, async () => {
  expect(await readFile('.ci/run', 'utf8')).toContain('npm run test:all');
  const folders = ['tests/acceptance', 'tests/browser', 'tests/unit'];
  const names = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((name) => `${folder}/${name}`)),
  );
  const there = names.flat().filter((name) => name.endsWith('.test.ts'));
  const [all, table, tomorrow] = await Promise.all([
    filesOf('test:all'),
    filesOf('table'),
    filesOf('table:tomorrow'),
  ]);
  const leftOut = there.filter((file) => !all.includes(file)).sort();
  const recorded = new Set(kept.tests.map(({ file }) => file));
  expect(leftOut.filter((file) => !recorded.has(file))).toEqual(tomorrow);
  expect(table).toEqual([...recorded].sort());
});
