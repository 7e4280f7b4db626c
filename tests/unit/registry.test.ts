import { expect, test } from 'vitest';
import { readOptions } from '../../helpers/config/options.ts';
import { type BuildContext, OWN } from '../../helpers/engine/base-image.ts';
import type { Engine } from '../../helpers/engine/engine.ts';
import { image } from '../../helpers/engine/images.ts';
import { pullKept, pushKept } from '../../helpers/engine/registry.ts';
import { folderWith } from './fixtures/folder.ts';

const registry = 'registry.example/owner/mpm-heartbeat';
const base = 'base:test';
const kept = { name: `${OWN}/reaper:trixie-0123456789ab`, base };
const place = `${registry}:reaper-trixie-0123456789ab-arm64`;

interface Asked {
  readonly action: 'pull' | 'push';
  readonly name: string;
}

/** How an engine reports what the registry has answered: Docker as its own error, Podman in the course of its answer. */
type Answer = 'well' | { readonly thrown: string } | { readonly streamed: string };

/** An engine with a base image; a registry answers it. */
function context(answer: Answer, more: Partial<BuildContext['options']> = {}) {
  const names = new Map([[base, 'sha256:base']]);
  const asked: Asked[] = [];
  const said: string[] = [];
  const ask = async (question: Asked, done: () => void): Promise<object> => {
    asked.push(question);
    if (answer === 'well') done();
    else if ('thrown' in answer) throw new Error(answer.thrown);
    return answer === 'well' ? { status: 'Done' } : { error: (answer as { streamed: string }).streamed };
  };
  const idOf = (name: string) => {
    const id = names.get(name) ?? [...names.values()].find((known) => known === name);
    if (id === undefined) throw Object.assign(new Error('no such image'), { statusCode: 404 });
    return id;
  };
  const dockerode = {
    modem: {
      followProgress: (event: object, settle: (error: null) => void, onEvent: (event: object) => void) => {
        onEvent(event);
        settle(null);
      },
    },
    info: async () => ({ MemTotal: 4e9, DockerRootDir: '/nowhere' }),
    listContainers: async () => [],
    listImages: async () => [],
    pull: (name: string) => ask({ action: 'pull', name }, () => names.set(name, 'sha256:pulled')),
    getImage: (name: string) => ({
      inspect: async () => ({ Id: idOf(name), Created: '2026-01-01T00:00:00Z', Architecture: 'arm64' }),
      tag: async ({ repo, tag }: { repo: string; tag: string }) =>
        void names.set(`${repo}:${tag}`, idOf(name)),
      remove: async () => void names.delete(name),
      push: async ({ tag, authconfig }: { tag: string; authconfig?: object }) => {
        if (!authconfig) throw new Error('Bad parameters and missing X-Registry-Auth: EOF');
        return ask({ action: 'push', name: `${name}:${tag}` }, () => idOf(`${name}:${tag}`));
      },
    }),
  };
  const options = { ...readOptions({}), base_image: base, registry, ...more };
  const engine = { container: { dockerode } } as unknown as Engine;
  return { engine, options, say: (line: string) => void said.push(line), names, asked, said };
}

test('an image that the registry has is not built, nor the one below it', async () => {
  // an engine that cannot build
  const run = context('well');
  const name = await image(run, 'trixie', { folder: folderWith({ Dockerfile: 'FROM scratch\n' }) });
  expect(run.names.get(name)).toBe('sha256:pulled');
  const pulled = { action: 'pull', name: expect.stringContaining(registry) };
  expect(run.asked).toEqual([pulled, pulled]);
});

test('a pulled image has only its own name, so that it can be removed when it is old', async () => {
  const run = context('well');
  expect(await pullKept(run, kept)).toBe(true);
  expect([...run.names]).toEqual([
    [base, 'sha256:base'],
    [kept.name, 'sha256:pulled'],
  ]);
  expect(run.asked).toEqual([{ action: 'pull', name: place }]);
  expect(run.said).toEqual([expect.stringContaining(`pulled ${kept.name} from ${registry}`)]);
});

test.for<[string, Answer]>([
  [
    'Docker',
    {
      thrown: `(HTTP code 404) unexpected - manifest for ${place} not found: manifest unknown: manifest unknown`,
    },
  ],
  ['Podman', { streamed: `initializing source docker://${place}: reading manifest: manifest unknown` }],
])('with %s, an image that the registry lacks is built without a word', async ([, answer]) => {
  const run = context(answer);
  expect(await pullKept(run, kept)).toBe(false);
  expect(await pullKept(run, kept)).toBe(false);
  expect(run.asked).toHaveLength(2);
  expect(run.said).toEqual([]);
});

test.for<[string, Answer]>([
  ['Docker', { thrown: '(HTTP code 500) server error - dial tcp: connection\nrefused ' }],
  ['Podman', { streamed: 'initializing source: unauthorized' }],
])('with %s, a registry that cannot be asked is asked once, and one line says why', async ([, answer]) => {
  const run = context(answer);
  expect(await pullKept(run, kept)).toBe(false);
  expect(await pullKept(run, kept)).toBe(false);
  expect(run.asked).toHaveLength(1);
  expect(run.said).toEqual([
    expect.stringMatching(new RegExp(`^image: cannot pull ${registry}: .*(refused|unauthorized); missing`)),
  ]);
});

test.for([
  { notBefore: Date.now() },
  { apt_source: 'deb http://packages.example ./' },
])('images that may need newer packages than the registry’s are not pulled: %o', async (options) => {
  const run = context('well', options);
  expect(await pullKept(run, kept)).toBe(false);
  expect(run.asked).toEqual([]);
});

test('without a registry, nothing is pulled or pushed', async () => {
  const run = context('well', { registry: undefined });
  expect(await pullKept(run, kept)).toBe(false);
  await pushKept(run, kept);
  expect(run.asked).toEqual([]);
});

test.for([true, false])('an image that was built is pushed if the user wants that: %s', async (wanted) => {
  const run = context('well', { registry_push: wanted });
  run.names.set(kept.name, 'sha256:built');
  await pushKept(run, kept);
  expect(run.asked).toEqual(wanted ? [{ action: 'push', name: place }] : []);
  expect([...run.names.keys()]).toEqual([base, kept.name]);
});

test('a push that fails is one line, and the run goes on', async () => {
  const run = context({ streamed: 'denied: no permission' }, { registry_push: true });
  run.names.set(kept.name, 'sha256:built');
  await pushKept(run, kept);
  await pushKept(run, kept);
  expect(run.asked).toHaveLength(1);
  expect(run.said).toEqual([
    `image: cannot push ${registry}: denied: no permission; no more images are pushed`,
  ]);
  expect([...run.names.keys()]).toEqual([base, kept.name]);
});
