import { readdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import project from '../../package.json' with { type: 'json' };
import { table } from '../table/index.ts';

// The names of test files decide which tests a command executes: no file may be left out by every command.

async function filesOf(script: keyof typeof project.scripts): Promise<string[]> {
  const command = project.scripts[script].replace('vitest run', 'vitest list --filesOnly --json');
  const { stdout } = await execa(command, { shell: true, preferLocal: true });
  const files = JSON.parse(stdout) as { file: string }[];
  return files.map(({ file }) => relative(process.cwd(), file)).sort();
}

test('npm run table executes what .ci/run leaves out, except Debian testing', {
  timeout: 120_000,
}, async () => {
  expect(await readFile('.ci/run', 'utf8')).toContain('npm run test:all');
  const folders = ['tests/acceptance', 'tests/browser', 'tests/unit'];
  const names = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((name) => `${folder}/${name}`)),
  );
  const there = names.flat().filter((name) => name.endsWith('.test.ts'));
  const [all, ofTable, ofTesting] = await Promise.all([
    filesOf('test:all'),
    filesOf('table'),
    filesOf('table:debian-testing'),
  ]);
  const leftOut = there.filter((file) => !all.includes(file));
  expect(leftOut.filter((file) => !ofTable.includes(file))).toEqual(ofTesting);
  const withRows = Object.keys(table).map((name) => `tests/acceptance/${name}.test.ts`);
  expect(there).toEqual(expect.arrayContaining(withRows));
  expect([...ofTable, ...ofTesting, 'tests/acceptance/throughput.test.ts'].sort()).toEqual(withRows.sort());
});
