import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readOptions } from '../../helpers/config/options.ts';
import { contextPaths, packed } from '../../helpers/engine/build-context.ts';
import type { Engine } from '../../helpers/engine/engine.ts';
import { builtImage, CONTAINERS, image, labelsOf, removeOlder } from '../../helpers/engine/images.ts';
import { folderWith } from './fixtures/folder.ts';

interface Image {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

/** An engine without containers that has these images, and keeps what is removed. */
function engineWith(images: readonly Image[]): { engine: Engine; removed: string[] } {
  const removed: string[] = [];
  const dockerode = {
    listContainers: async () => [],
    listImages: async ({ filters }: { filters: { label: string[] } }) => {
      const asked = filters.label.map((label) => label.split('='));
      return images.filter(({ Labels }) => asked.every(([name = '', value]) => Labels[name] === value));
    },
    getImage: (name: string) => ({
      inspect: async () => images.find(({ RepoTags }) => RepoTags.some((tag) => tag.endsWith(name))),
      remove: async () => void removed.push(name),
    }),
  };
  return { engine: { container: { dockerode } } as unknown as Engine, removed };
}

test('only earlier images of the same checkout, kind and release are removed', async () => {
  const labels = labelsOf('httpd', 'trixie');
  const [kind] = Object.keys(labels) as [string];
  const { engine, removed } = engineWith([
    // Podman puts a registry's name in front
    { Id: 'current', RepoTags: ['registry.example/httpd:new'], Labels: labels },
    { Id: 'older', RepoTags: ['httpd:old'], Labels: labels },
    { Id: 'of another kind', RepoTags: [], Labels: labelsOf('client', 'trixie') },
    { Id: 'of another release', RepoTags: [], Labels: labelsOf('httpd', 'bookworm') },
    { Id: 'of another checkout', RepoTags: [], Labels: labelsOf('httpd', 'trixie', '/elsewhere/') },
    { Id: 'of nobody that is known', RepoTags: [], Labels: { [kind]: labels[kind] as string } },
  ]);
  await removeOlder(engine, labels, 'httpd:new');
  expect(removed).toEqual(['older']);
});

test('no image exposes a port, because Testcontainers would wait for Podman to publish it', () => {
  const dockerfiles = readdirSync(CONTAINERS).map((folder) => join(CONTAINERS, folder, 'Dockerfile'));
  expect(dockerfiles.filter((file) => /^EXPOSE /im.test(readFileSync(file, 'utf8')))).toEqual([]);
});

/** An engine that has every image. */
const full = {
  container: {
    dockerode: {
      getImage: (name: string) => ({ inspect: async () => ({ Id: name, Created: '2026-11-01' }) }),
    },
  },
} as unknown as Engine;

test('an image depends on the run’s release only by its apt source', async () => {
  const folder = folderWith({ Dockerfile: 'FROM scratch\n' });
  const nameIn = (variables: Record<string, string>) =>
    builtImage({ engine: full, options: readOptions(variables) }, 'bookworm', { folder });
  const release = { MPM_HEARTBEAT_RELEASE: 'bookworm' };
  const source = { MPM_HEARTBEAT_APT_SOURCE: 'deb http://packages.example ./' };
  const usual = await nameIn({});
  expect(usual).toBeDefined();
  expect([await nameIn(release), await nameIn(source)]).toEqual([usual, usual]);
  expect(await nameIn({ ...release, ...source })).not.toBe(usual);
});

test('an image does not depend on files that .dockerignore names', async () => {
  const folder = folderWith({
    'own.Dockerfile': '',
    'data/one': '',
    '.dockerignore': 'data\n*.Dockerfile\n',
  });
  const name = () =>
    builtImage({ engine: full, options: readOptions({}) }, 'bookworm', {
      folder,
      dockerfile: 'own.Dockerfile',
    });
  const before = await name();
  writeFileSync(join(folder, 'data/one'), 'changed');
  expect(await name()).toBe(before);
  writeFileSync(join(folder, 'own.Dockerfile'), 'changed');
  expect(await name()).not.toBe(before);
});

test('a build gets what .dockerignore leaves, at any depth, and its Dockerfile', async () => {
  const folder = folderWith({
    'tests/own.Dockerfile': '',
    'tests/one': '',
    'source/kept': 'text',
    'source/cache/one': '',
    '.dockerignore': '*\n!source\nsource/cache\n',
  });
  const paths = contextPaths(folder, 'tests/own.Dockerfile');
  expect(paths).toEqual(['source/kept', 'tests/own.Dockerfile']);
  const listed = await execa('tar', ['-tz'], { input: await buffer(packed(folder, paths)) });
  expect(listed.stdout.split('\n').sort()).toEqual(paths);
});

test('a pipe in a build’s context is refused in one line', async () => {
  // No other test has images of this release.
  const folder = folderWith({ Dockerfile: 'FROM scratch\n' });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const options = readOptions({});
  await expect(
    image({ engine: full, options, say: () => undefined }, 'bookworm', { folder }),
  ).rejects.toThrow(`${folder}/pipe is neither a file, a folder nor a link`);
});
