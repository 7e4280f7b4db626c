import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentHash, pathsIn } from '../../helpers/config/tree.ts';
import { folderWith } from './fixtures/folder.ts';

const folder = () => folderWith({ Dockerfile: 'FROM scratch\n', 'src/start': '' });
const hashOf = (folder: string) => contentHash(folder, pathsIn(folder));

test.for<[title: string, change: (folder: string) => void]>([
  ['a file’s content', (it) => writeFileSync(join(it, 'src/start'), 'echo\n')],
  ['a file’s name', (it) => writeFileSync(join(it, 'more'), '')],
  ['whether a file may be executed', (it) => chmodSync(join(it, 'src/start'), 0o755)],
  ['a link', (it) => symlinkSync('Dockerfile', join(it, 'link'))],
  ['a link to a folder', (it) => symlinkSync('src', join(it, 'link'))],
  [
    'a link to what is not there',
    (it) => symlinkSync('/etc/apache2/mods-available/x.load', join(it, 'link')),
  ],
  ['an empty folder', (it) => mkdirSync(join(it, 'data'))],
])('%s changes the hash of a build’s context', ([, change]) => {
  const made = folder();
  const before = hashOf(made);
  change(made);
  expect(hashOf(made)).not.toBe(before);
});

test('the target of a link changes the hash of a build’s context', () => {
  const [one, other] = [folder(), folder()];
  symlinkSync('Dockerfile', join(one, 'link'));
  symlinkSync('src/start', join(other, 'link'));
  expect(hashOf(one)).not.toBe(hashOf(other));
});

test('links are not followed', () => {
  const [made, beside] = [folder(), folder()];
  symlinkSync(beside, join(made, 'link'));
  const before = hashOf(made);
  writeFileSync(join(beside, 'src/start'), 'changed');
  expect(hashOf(made)).toBe(before);
  expect(pathsIn(made)).toEqual(['Dockerfile', 'link', 'src/start']);
});

test('a pipe is refused, because reading it might never end', () => {
  const made = folder();
  execFileSync('mkfifo', [join(made, 'src/pipe')]);
  expect(() => hashOf(made)).toThrow(/src\/pipe is neither a file, a folder nor a link$/);
});
