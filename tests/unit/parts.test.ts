import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readOptions } from '../../helpers/config/options.ts';
import { parseParts, versionOf, versionOfArchive } from '../../helpers/config/parts.ts';
import { deployment, deploymentName } from '../../helpers/deployment/deployment.ts';
import { lookUpParts, projectName } from '../../helpers/engine/parts.ts';

describe('what one writes', () => {
  test('a path, or a version', () => {
    const text =
      'oslo.messaging=../oslo.messaging, eventlet = ./eventlet-0.40.4-py3-none-any.whl,kombu==5.4.0,';
    const parts = {
      'oslo.messaging': '../oslo.messaging',
      eventlet: './eventlet-0.40.4-py3-none-any.whl',
      kombu: '==5.4.0',
    };
    expect(parseParts(text)).toEqual(parts);
    expect(readOptions({ MPM_HEARTBEAT_PARTS: text }).parts).toEqual(parts);
  });

  test.for([
    ['oslo.messaging', /oslo\.messaging is no part$/],
    ['kombu>=5', /kombu>=5 is no part$/],
    ['kombu==', /kombu== is no part$/],
    ['oslo.messaging=a, oslo_messaging==1', /oslo_messaging is named twice$/],
  ] as const)('%s is refused in one line', ([text, message]) => {
    expect(() => readOptions({ MPM_HEARTBEAT_PARTS: text })).toThrow(message);
    expect(() => readOptions({ MPM_HEARTBEAT_PARTS: text })).toThrow(
      /expected NAME=PATH or NAME==VERSION, separated by commas/,
    );
  });
});

test.for([
  ['12.5.0-0-gabc1234', undefined, '12.5.0'],
  ['12.5.0-14-gabc1234', undefined, '12.5.0.post14+gabc1234'],
  ['12.5.0-0-gabc1234', '0123456789ab', '12.5.0+d01234567'],
  ['v5.4.0rc1-2-gabc1234', '0123456789ab', '5.4.0rc1.post2+gabc1234.d01234567'],
] as const)('a checkout described as %s, changed %s, is version %s', ([description, changed, version]) => {
  expect(versionOf(description, changed)).toBe(version);
});

test.for([
  ['eventlet-0.40.4-py3-none-any.whl', '0.40.4'],
  ['greenlet-3.1.0-1-cp313-cp313-manylinux_2_17_x86_64.whl', '3.1.0'],
  ['oslo.messaging-17.3.0.tar.gz', '17.3.0'],
  ['backup.tar.gz', undefined],
] as const)('%s is version %s', ([file, version]) => {
  expect(versionOfArchive(file)).toBe(version);
});

/** A folder of its own, with these files. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'parts-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

function git(folder: string, ...command: string[]): void {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  execFileSync('git', ['-C', folder, ...who, ...command], { stdio: 'ignore' });
}

describe('what is found', () => {
  const project = {
    'setup.cfg': '[metadata]\nname = thing\n',
    'setup.py': "setup(setup_requires=['pbr'])\n",
  };
  const found = (folder: string) => lookUpParts({ thing: '.' }, folder).thing;

  test('a checkout, by its commit and all that is not ignored', () => {
    const folder = folderWith({ ...project, '.gitignore': '*.pyc\n' });
    git(folder, 'init');
    git(folder, 'add', '.');
    git(folder, 'commit', '--message=one');
    expect(found(folder)?.label).toMatch(/^0\.post1\+g[0-9a-f]{7}$/);
    git(folder, 'tag', '1.2.0');
    git(folder, 'tag', 'some-series');
    const tagged = found(folder);
    expect(tagged).toMatchObject({ kind: 'checkout', label: '1.2.0', version: '1.2.0' });
    writeFileSync(join(folder, 'thing.pyc'), '');
    expect(found(folder)).toEqual(tagged);
    writeFileSync(join(folder, 'thing.py'), '');
    const changed = found(folder);
    expect(changed?.label).toBe(`1.2.0+d${changed?.content.slice(0, 8)}`);
    git(folder, 'add', '.');
    git(folder, 'commit', '--message=two');
    expect(found(folder)?.label).toMatch(/^1\.2\.0\.post1\+g[0-9a-f]{7}$/);
    expect(found(folder)?.content).toBe(changed?.content);
  });

  test('a directory, by all its files', () => {
    const folder = folderWith({
      'pyproject.toml': '[project]\nname = "thing"\n',
      'PKG-INFO': 'Version: 5.4.0\n',
    });
    const before = found(folder);
    // its own files say which version it is
    expect(before).toEqual({
      kind: 'directory',
      from: folder,
      label: `5.4.0+d${before?.content.slice(0, 8)}`,
      content: before?.content,
    });
    writeFileSync(join(folder, 'thing.pyc'), '');
    expect(found(folder)?.content).not.toBe(before?.content);
  });

  test('an archive, and a version of an index', () => {
    const folder = folderWith({ 'thing-1.0-py3-none-any.whl': 'x' });
    expect(lookUpParts({ thing: 'thing-1.0-py3-none-any.whl' }, folder).thing).toMatchObject({
      kind: 'archive',
      version: '1.0',
    });
    expect(lookUpParts({ thing: '==1.0' }, folder).thing).toMatchObject({ kind: 'index', version: '1.0' });
  });

  test.for([
    ['nowhere', /^part thing=nowhere: there is no .*\/nowhere$/],
    ['.', /^part thing=\.: .* has no pyproject\.toml, setup\.cfg, setup\.py$/],
    ['readme', /^part thing=readme: .*\/readme is no wheel or sdist by its name$/],
  ] as const)('%s is refused in one line', ([where, message]) => {
    expect(() => lookUpParts({ thing: where }, folderWith({ readme: '' }))).toThrow(message);
  });

  test('the name of a project', () => {
    expect(projectName(folderWith(project))).toBe('thing');
    expect(projectName(folderWith({ 'pyproject.toml': '[project]\nname = "a.b"\n' }))).toBe('a.b');
    expect(projectName(folderWith({}))).toBeUndefined();
  });
});

test('a deployment is called by its parts, and by nothing that has not been looked up', () => {
  const row = { mpm: 'prefork', processes: 8, threads: 1, parts: { kombu: '==5.4.0' } } as const;
  expect(deploymentName(deployment(row, lookUpParts))).toBe('prefork 8, kombu 5.4.0');
  expect(deployment(deployment(row, lookUpParts))).toEqual(deployment(row, lookUpParts));
  expect(() => deployment(row)).toThrow('part kombu: nobody has looked it up');
});
