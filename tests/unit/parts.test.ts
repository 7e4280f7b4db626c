import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readOptions } from '../../helpers/config/options.ts';
import { lookUpParts, projectName } from '../../helpers/config/part-files.ts';
import { versionOf, versionOfArchive } from '../../helpers/config/parts.ts';
import { deployment, deploymentName } from '../../helpers/deployment/deployment.ts';
import { folderWith } from './fixtures/folder.ts';

describe('MPM_HEARTBEAT_PARTS', () => {
  test('takes a path or a version', () => {
    const text =
      'oslo.messaging=../oslo.messaging, eventlet = ./eventlet-0.40.4-py3-none-any.whl,kombu==5.4.0,';
    expect(readOptions({ MPM_HEARTBEAT_PARTS: text }).parts).toEqual({
      'oslo.messaging': '../oslo.messaging',
      eventlet: './eventlet-0.40.4-py3-none-any.whl',
      kombu: '==5.4.0',
    });
  });

  test.for([
    ['oslo.messaging', 'oslo.messaging'],
    ['kombu>=5', 'kombu>=5'],
    ['kombu==', 'kombu=='],
    ['oslo.messaging=a, oslo_messaging==1', 'oslo_messaging is named twice'],
  ] as const)('%s is refused, and its form is named', ([text, fact]) => {
    const read = () => readOptions({ MPM_HEARTBEAT_PARTS: text });
    expect(read).toThrow(`: ${fact}`);
    expect(read).toThrow('NAME=PATH or NAME==VERSION');
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

test.for<[Record<string, string>, string | undefined]>([
  [{ 'setup.cfg': '[metadata]\nname = thing\n' }, 'thing'],
  [{ 'pyproject.toml': '[project]\nname = "a.b"\n' }, 'a.b'],
  [{}, undefined],
])('a project with %j is called %s', ([files, name]) => {
  expect(projectName(folderWith(files))).toBe(name);
});

function git(folder: string, ...command: string[]): void {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  execFileSync('git', ['-C', folder, ...who, ...command], { stdio: 'ignore' });
}

/** Commits every file of a folder. */
function committed(folder: string): string {
  git(folder, 'init');
  git(folder, 'add', '.');
  git(folder, 'commit', '--message=one');
  return folder;
}

const found = (folder: string, where = '.') => lookUpParts({ thing: where }, folder).thing;

describe('the content of a part', () => {
  test('is the commit of a checkout and every file that is not ignored', () => {
    const folder = committed(
      folderWith({ 'setup.py': "setup(setup_requires=['pbr'])\n", '.gitignore': '*.pyc\n' }),
    );
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

  test('is every file of a directory, whose own files name its version', () => {
    const folder = folderWith({
      'pyproject.toml': '[project]\nname = "thing"\n',
      'PKG-INFO': 'Version: 5.4.0\n',
    });
    const { content = '', ...rest } = found(folder) ?? {};
    expect(rest).toEqual({ kind: 'directory', from: folder, label: `5.4.0+d${content.slice(0, 8)}` });
    writeFileSync(join(folder, 'thing.pyc'), '');
    expect(found(folder)?.content).not.toBe(content);
  });

  test.for([
    ['thing-1.0-py3-none-any.whl', 'archive'],
    ['==1.0', 'index'],
  ] as const)('of %s is an %s', ([where, kind]) => {
    const folder = folderWith({ 'thing-1.0-py3-none-any.whl': 'x' });
    expect(found(folder, where)).toMatchObject({ kind, version: '1.0' });
  });

  test('leaves out files of a checkout that were removed', () => {
    const folder = committed(folderWith({ 'setup.py': '', 'gone.py': '', 'a/b.py': '' }));
    rmSync(join(folder, 'gone.py'));
    rmSync(join(folder, 'a'), { recursive: true });
    writeFileSync(join(folder, 'a'), '');
    expect(found(folder)?.kind).toBe('checkout');
  });
});

describe('a part is refused in one line', () => {
  const pipe = (file: string) => void execFileSync('mkfifo', [file]);

  test.for<[string, where: string, prepare: (folder: string) => void, fact: RegExp]>([
    ['that is not there', 'nowhere', () => undefined, /there is no .*\/nowhere$/],
    [
      'that is no project',
      '.',
      (folder) => rmSync(join(folder, 'setup.py')),
      / no pyproject\.toml, setup\.cfg, setup\.py$/,
    ],
    ['that is another file', 'readme', () => undefined, /\/readme .*wheel or sdist/],
    ['with a pipe in it', '.', (folder) => pipe(join(folder, 'pipe')), /\/pipe is neither a file, /],
    [
      'with a pipe in place of a file of its checkout',
      '.',
      (folder) => {
        committed(folder);
        rmSync(join(folder, 'readme'));
        pipe(join(folder, 'readme'));
      },
      /readme is neither a file, /,
    ],
    [
      'that is a pipe',
      'thing-1.0.tar.gz',
      (folder) => pipe(join(folder, 'thing-1.0.tar.gz')),
      / is neither a file nor a folder$/,
    ],
    [
      'whose checkout lists a path outside',
      '.',
      (folder) => {
        const index = join(committed(folder), '.git/index');
        const listed = readFileSync(index, 'latin1').slice(0, -20).replace('aa/secret.py', '../secret.py');
        const forged = Buffer.from(listed, 'latin1');
        writeFileSync(index, Buffer.concat([forged, createHash('sha1').update(forged).digest()]));
      },
      /git lists \.\.\/secret\.py, /,
    ],
  ])('%s', ([, where, prepare, fact]) => {
    const folder = folderWith({ 'setup.py': '', readme: '', 'aa/secret.py': '' });
    prepare(folder);
    const escaped = where.replaceAll('.', '\\.');
    expect(() => found(folder, where)).toThrow(new RegExp(`^part thing=${escaped}: .*${fact.source}`));
  });

  // macOS has no such names.
  test.skipIf(process.platform === 'darwin')('with a name that is not UTF-8', () => {
    const folder = folderWith({ 'setup.py': '', plain: '' });
    renameSync(join(folder, 'plain'), Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xff])]));
    expect(() => found(folder)).toThrow(/^part thing=\.: .* not UTF-8$/);
  });
});

describe('links', () => {
  type Links = Readonly<Record<string, string>>;

  /** A project in a folder of its own, with these links, beside a folder outside. */
  function projectWith(links: Links): { project: string; outside: string } {
    const folder = folderWith({
      'project/setup.py': '',
      'project/README': 'read me',
      'project/a/b/module.py': '',
      'secret/setup.py': 'secret',
    });
    const [project, outside] = [join(folder, 'project'), join(folder, 'secret')];
    for (const [link, target] of Object.entries(links)) {
      symlinkSync(target.replace('OUTSIDE', outside).replace('PROJECT', project), join(project, link));
    }
    return { project, outside };
  }

  /** The same project as a directory and as a checkout. */
  const bothKinds = (links: Links) => [projectWith(links).project, committed(projectWith(links).project)];

  const secret = 'secret/setup\\.py';

  test.for<[title: string, links: Links, link: string, target: string]>([
    ['to a file outside', { x: '../secret/setup.py' }, 'x', secret],
    ['to a folder outside', { x: '../secret' }, 'x', 'secret'],
    ['by an absolute path', { x: 'OUTSIDE/setup.py' }, 'x', secret],
    ['by an absolute path to itself', { x: 'PROJECT/README' }, 'x', 'project/README'],
    ['deep in it', { 'a/b/x': '../../../secret' }, 'a/b/x', 'secret'],
    ['through a link to a folder', { x: 'a/y/setup.py', 'a/y': '../../secret' }, '(a/y|x)', 'secret.*'],
    ['by .. behind a link to its own top', { x: 'a/y/../secret', 'a/y': '..' }, 'x', 'secret'],
    ['through another link', { x: 'y', y: 'OUTSIDE' }, '[xy]', 'secret'],
    ['to what is not there', { x: '../nowhere' }, 'x', 'nowhere'],
    ['out and in again', { x: '../project/README' }, 'x', 'project/README'],
  ])('a link %s is refused in one line', ([, links, link, target]) => {
    for (const project of bothKinds(links)) {
      expect(() => found(project)).toThrow(
        new RegExp(`^part thing=\\.: .*/project/${link} leads out of \\S+/project, .*/${target}$`),
      );
    }
  });

  test.for<[title: string, links: Links]>([
    ['beside it', { x: 'README' }],
    ['upwards', { 'a/b/x': '../../README' }],
    ['to a folder', { x: 'a/b' }],
    ['by .. behind a link to a folder', { x: 'y/../../README', y: 'a/b' }],
    ['to what is not there', { x: 'nowhere' }],
    ['in a circle', { x: 'y', y: 'x' }],
    ['to its own top', { x: '.' }],
  ])('a link %s, inside the part, counts in its content', ([, links]) => {
    for (const project of bothKinds(links)) {
      const content = found(project)?.content;
      rmSync(join(project, 'x'), { force: true });
      rmSync(join(project, 'a/b/x'), { force: true });
      expect(found(project)?.content).not.toBe(content);
    }
  });

  test('a part may be named by a path through a link', () => {
    const { project, outside } = projectWith({});
    symlinkSync(project, join(outside, 'link'));
    expect(found(outside, 'link')?.content).toBe(found(outside, project)?.content);
  });

  test('files behind a link are not read, even if git lists them', () => {
    const { project, outside } = projectWith({ x: 'README' });
    committed(project);
    cpSync(join(project, 'a'), join(outside, 'a'), { recursive: true });
    rmSync(join(project, 'a'), { recursive: true });
    symlinkSync(join(outside, 'a'), join(project, 'a'));
    writeFileSync(join(project, '.git/info/exclude'), 'a\n');
    const content = found(project)?.content;
    writeFileSync(join(outside, 'a/b/module.py'), 'changed');
    expect(found(project)?.content).toBe(content);
  });
});

test('the name of a deployment has its parts, after they were looked up', () => {
  const row = { mpm: 'prefork', processes: 8, threads: 1, parts: { kombu: '==5.4.0' } } as const;
  expect(deploymentName(deployment(row, lookUpParts))).toBe('prefork 8, kombu 5.4.0');
  expect(deployment(deployment(row, lookUpParts))).toEqual(deployment(row, lookUpParts));
  expect(() => deployment(row)).toThrow('part kombu');
});
