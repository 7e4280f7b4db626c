import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readOptions } from '../../helpers/config/options.ts';
import { lookUpParts, projectName } from '../../helpers/config/part-files.ts';
import { parseParts, versionOf, versionOfArchive } from '../../helpers/config/parts.ts';
import { deployment, deploymentName } from '../../helpers/deployment/deployment.ts';

describe('MPM_HEARTBEAT_PARTS', () => {
  test('takes a path or a version', () => {
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
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function git(folder: string, ...command: string[]): void {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  execFileSync('git', ['-C', folder, ...who, ...command], { stdio: 'ignore' });
}

describe('the content of a part', () => {
  const project = {
    'setup.cfg': '[metadata]\nname = thing\n',
    'setup.py': "setup(setup_requires=['pbr'])\n",
  };
  const found = (folder: string) => lookUpParts({ thing: '.' }, folder).thing;

  test('is the commit of a checkout and every file that is not ignored', () => {
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

  test('is every file of a directory', () => {
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

  test('is an archive, or a version of an index', () => {
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

  test('has the name of its project', () => {
    expect(projectName(folderWith(project))).toBe('thing');
    expect(projectName(folderWith({ 'pyproject.toml': '[project]\nname = "a.b"\n' }))).toBe('a.b');
    expect(projectName(folderWith({}))).toBeUndefined();
  });
});

describe('links', () => {
  /** A project in a folder of its own, beside a file that is no part of it. */
  function projectBeside(): { project: string; outside: string } {
    const folder = folderWith({
      'project/setup.py': '',
      'project/README': 'read me',
      'project/a/b/module.py': '',
      'secret/setup.py': 'secret',
    });
    return { project: join(folder, 'project'), outside: join(folder, 'secret') };
  }

  /** The same project as a directory and as a checkout, with these links. */
  function* projectsWith(
    links: Readonly<Record<string, string>>,
  ): Generator<{ project: string; outside: string }> {
    for (const kind of ['directory', 'checkout']) {
      const { project, outside } = projectBeside();
      for (const [link, target] of Object.entries(links)) {
        symlinkSync(target.replace('OUTSIDE', outside).replace('PROJECT', project), join(project, link));
      }
      if (kind === 'checkout') {
        git(project, 'init');
        git(project, 'add', '.');
        git(project, 'commit', '--message=one');
      }
      yield { project, outside };
    }
  }

  const refused = (link: string, where: string) =>
    new RegExp(`^part thing=\\.: the link \\S+/project/${link} leads out of \\S+/project, to \\S*/${where}$`);

  test.for<[title: string, links: Record<string, string>, message: RegExp]>([
    ['to a file outside', { x: '../secret/setup.py' }, refused('x', 'secret/setup\\.py')],
    ['to a folder outside', { x: '../secret' }, refused('x', 'secret')],
    ['by an absolute path', { x: 'OUTSIDE/setup.py' }, refused('x', 'secret/setup\\.py')],
    ['by an absolute path to itself', { x: 'PROJECT/README' }, refused('x', 'project/README')],
    ['deep in it', { 'a/b/x': '../../../secret' }, refused('a/b/x', 'secret')],
    [
      'through a link to a folder',
      { x: 'a/y/setup.py', 'a/y': '../../secret' },
      refused('(a/y|x)', 'secret.*'),
    ],
    ['by .. behind a link to its own top', { x: 'a/y/../secret', 'a/y': '..' }, refused('x', 'secret')],
    ['through another link', { x: 'y', y: 'OUTSIDE' }, refused('[xy]', 'secret')],
    ['to what is not there', { x: '../nowhere' }, refused('x', 'nowhere')],
    ['out and in again', { x: '../project/README' }, refused('x', 'project/README')],
  ])('a link %s is refused in one line', ([, links, message]) => {
    for (const { project } of projectsWith(links)) {
      expect(() => lookUpParts({ thing: '.' }, project)).toThrow(message);
    }
  });

  test.for<[title: string, links: Record<string, string>]>([
    ['beside it', { x: 'README' }],
    ['upwards', { 'a/b/x': '../../README' }],
    ['to a folder', { x: 'a/b' }],
    ['by .. behind a link to a folder', { x: 'y/../../README', y: 'a/b' }],
    ['to what is not there', { x: 'nowhere' }],
    ['in a circle', { x: 'y', y: 'x' }],
    ['to its own top', { x: '.' }],
  ])('a link %s, inside the part, counts in its content', ([, links]) => {
    for (const { project } of projectsWith(links)) {
      const { content } = lookUpParts({ thing: '.' }, project).thing ?? {};
      rmSync(join(project, 'x'), { force: true });
      rmSync(join(project, 'a/b/x'), { force: true });
      expect(lookUpParts({ thing: '.' }, project).thing?.content).not.toBe(content);
    }
  });

  test('a part may be named by a path through a link', () => {
    const { project, outside } = projectBeside();
    symlinkSync(project, join(outside, 'link'));
    const { content } = lookUpParts({ thing: 'link' }, outside).thing ?? {};
    expect(content).toBe(lookUpParts({ thing: project }, outside).thing?.content);
  });

  test('files behind a link are not read, even if git lists them', () => {
    for (const { project, outside } of projectsWith({ x: 'README' })) {
      if (lookUpParts({ thing: '.' }, project).thing?.kind !== 'checkout') continue;
      cpSync(join(project, 'a'), join(outside, 'a'), { recursive: true });
      rmSync(join(project, 'a'), { recursive: true });
      symlinkSync(join(outside, 'a'), join(project, 'a'));
      writeFileSync(join(project, '.git/info/exclude'), 'a\n');
      const content = lookUpParts({ thing: '.' }, project).thing?.content;
      writeFileSync(join(outside, 'a/b/module.py'), 'changed');
      expect(lookUpParts({ thing: '.' }, project).thing?.content).toBe(content);
    }
  });

  test('a path outside the part is refused, even if git lists it', () => {
    const folder = folderWith({ 'setup.py': '', 'aa/secret.py': '' });
    git(folder, 'init');
    git(folder, 'add', '.');
    git(folder, 'commit', '--message=one');
    const index = join(folder, '.git/index');
    const forged = Buffer.from(
      readFileSync(index, 'latin1').slice(0, -20).replace('aa/secret.py', '../secret.py'),
      'latin1',
    );
    const checksum = createHash('sha1').update(forged).digest();
    writeFileSync(index, Buffer.concat([forged, checksum]));
    expect(() => lookUpParts({ thing: '.' }, folder)).toThrow(
      /^part thing=\.: git lists \.\.\/secret\.py, which is outside /,
    );
  });
});

describe('a pipe', () => {
  test('is refused in a directory', () => {
    const folder = folderWith({ 'setup.py': '' });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(() => lookUpParts({ thing: '.' }, folder)).toThrow(
      /^part thing=\.: \S+\/pipe is neither a file, a folder nor a link$/,
    );
  });

  test('is refused in a checkout, in place of a file', () => {
    const folder = folderWith({ 'setup.py': '', 'module.py': '' });
    git(folder, 'init');
    git(folder, 'add', '.');
    git(folder, 'commit', '--message=one');
    rmSync(join(folder, 'module.py'));
    execFileSync('mkfifo', [join(folder, 'module.py')]);
    expect(() => lookUpParts({ thing: '.' }, folder)).toThrow(/module\.py is neither a file, /);
  });

  test('is refused as an archive', () => {
    const folder = folderWith({});
    execFileSync('mkfifo', [join(folder, 'thing-1.0.tar.gz')]);
    expect(() => lookUpParts({ thing: 'thing-1.0.tar.gz' }, folder)).toThrow(
      /^part thing=thing-1\.0\.tar\.gz: \S+ is neither a file nor a folder$/,
    );
  });
});

test('a checkout without some of its files is a part without them', () => {
  const folder = folderWith({ 'setup.py': '', 'gone.py': '', 'a/b.py': '' });
  git(folder, 'init');
  git(folder, 'add', '.');
  git(folder, 'commit', '--message=one');
  rmSync(join(folder, 'gone.py'));
  rmSync(join(folder, 'a'), { recursive: true });
  writeFileSync(join(folder, 'a'), '');
  expect(lookUpParts({ thing: '.' }, folder).thing?.kind).toBe('checkout');
});

// macOS has no such names.
test.skipIf(process.platform === 'darwin')('a name that is not UTF-8 is refused', () => {
  const folder = folderWith({ 'setup.py': '', plain: '' });
  renameSync(join(folder, 'plain'), Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xff])]));
  expect(() => lookUpParts({ thing: '.' }, folder)).toThrow(/^part thing=\.: the name of .* is not UTF-8$/);
});

test('the name of a deployment has its parts, after they were looked up', () => {
  const row = { mpm: 'prefork', processes: 8, threads: 1, parts: { kombu: '==5.4.0' } } as const;
  expect(deploymentName(deployment(row, lookUpParts))).toBe('prefork 8, kombu 5.4.0');
  expect(deployment(deployment(row, lookUpParts))).toEqual(deployment(row, lookUpParts));
  expect(() => deployment(row)).toThrow('part kombu: it has not been looked up');
});
