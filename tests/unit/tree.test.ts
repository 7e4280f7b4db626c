import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentHash, pathsIn } from '../../helpers/config/tree.ts';
import { folderWith } from './fixtures/folder.ts';

const folder = () => folderWith({ Dockerfile: 'FROM scratch\n', 'src/start': '' });
const hashOf = (folder: string) => contentHash(folder, pathsIn(folder));

test.for<[title: string, change: (folder: string) => void]>([
  ['a file’s content', (context) => writeFileSync(join(context, 'src/start'), 'echo\n')],
  ['a file’s name', (context) => writeFileSync(join(context, 'more'), '')],
  ['whether a file may be executed', (context) => chmodSync(join(context, 'src/start'), 0o755)],
  ['a link', (context) => symlinkSync('Dockerfile', join(context, 'link'))],
  ['a link to a folder', (context) => symlinkSync('src', join(context, 'link'))],
  [
    'a link to what is not there',
    (context) => symlinkSync('/etc/apache2/mods-available/x.load', join(context, 'link')),
  ],
  ['an empty folder', (context) => mkdirSync(join(context, 'data'))],
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
