import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ImageBuildOptions } from 'dockerode';
import type { DebianRelease, Options } from '../config/options.ts';
import { type BaseOptions, baseImage, imageId } from './base-image.ts';
import { type Engine, EngineError, lastLine } from './engine.ts';
import { during } from './progress.ts';
import { RUN_LABEL } from './run-container.ts';
import type { Say } from './say.ts';

/** The folders of containers/, an image each. */
export type ImageKind = 'httpd' | 'uwsgi' | 'rabbitmq' | 'client' | 'reaper';
/** What an image is built on, where it is not the base image. */
const parents: Readonly<Partial<Record<ImageKind, ImageKind>>> = { uwsgi: 'httpd' };

const CONTAINERS = fileURLToPath(new URL('../../containers/', import.meta.url));
const KIND_LABEL = 'mpm-heartbeat.image';

export interface BuildOptions extends BaseOptions, Pick<Options, 'apt_source'> {}

/**
 * Images of one release, built side by side where what they are made of has changed.
 *
 * @returns the name of each, tagged with a hash of its folder, its base image and its arguments.
 * @throws EngineError with the end of the build's output.
 */
export async function images<Kind extends ImageKind>(
  engine: Engine,
  options: BuildOptions,
  release: DebianRelease,
  kinds: readonly Kind[],
  say: Say,
): Promise<Record<Kind, string>> {
  const base = await baseImage(engine, options, release, say);
  const named = await Promise.all(
    kinds.map(async (kind) => {
      const parent = parents[kind];
      const on = parent ? await image(engine, options, release, base, parent, say) : base;
      return [kind, await image(engine, options, release, on, kind, say)] as const;
    }),
  );
  return Object.fromEntries(named) as Record<Kind, string>;
}

async function image(
  engine: Engine,
  options: BuildOptions,
  release: DebianRelease,
  base: string,
  kind: ImageKind,
  say: Say,
): Promise<string> {
  const folder = join(CONTAINERS, kind);
  const source = release === options.release ? options.apt_source : undefined;
  const buildargs = { BASE: base, APT_SOURCE: source ?? '' };
  const content = await contentHash(folder, [
    (await imageId(engine, base)) ?? base,
    JSON.stringify(buildargs),
  ]);
  const name = `mpm-heartbeat/${kind}:${release}-${content}`;
  if (await imageId(engine, name, options.notBefore)) return name;

  const began = Date.now();
  say(`image: building ${name}`);
  await build(engine, `image ${kind}, ${release}`, folder, {
    t: name,
    buildargs: { ...buildargs, ...(options.apt_proxy && { http_proxy: options.apt_proxy }) },
    nocache: options.notBefore !== undefined,
    forcerm: true,
    labels: { [KIND_LABEL]: `${kind}:${release}` },
  });
  say(`image: built ${name} in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  await removeOlder(engine, `${kind}:${release}`, name);
  return name;
}

async function build(
  engine: Engine,
  step: string,
  folder: string,
  options: ImageBuildOptions,
): Promise<void> {
  const { dockerode } = engine.container;
  const output: string[] = [];
  await during(step, async (at) => {
    const progress = await dockerode.buildImage({ context: folder, src: await readdir(folder) }, options);
    let parts: { done: number; of: number } | undefined;
    await new Promise<void>((resolve, reject) => {
      dockerode.modem.followProgress(
        progress,
        (error) => (error ? reject(error) : resolve()),
        ({ stream = '' }: { stream?: string }) => {
          output.push(stream);
          const [, number, of, instruction] = /^Step (\d+)\/(\d+) : (.*)/m.exec(stream) ?? [];
          if (number !== undefined) parts = { done: Number(number) - 1, of: Number(of) };
          const words = instruction ?? lastLine(stream);
          if (words !== '') at(words, parts);
        },
      );
    });
  }).catch((error: Error) => {
    const end = output.join('').trimEnd().split('\n').slice(-8).join('\n');
    throw new EngineError(`${options.t} could not be built: ${error.message}\n${end}`);
  });
}

/** The first 12 digits of a SHA-256 over names and contents of a folder's files, and `more`. */
async function contentHash(folder: string, more: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    hash
      .update(relative(folder, file))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  }
  for (const part of more) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 12);
}

/** Removes images of the same kind that came before, unless another run is there that may need one. */
async function removeOlder(engine: Engine, kind: string, current: string): Promise<void> {
  const { dockerode } = engine.container;
  const others = await dockerode.listContainers({ filters: { label: [RUN_LABEL] } });
  if (others.length > 0) return;
  const older = await dockerode.listImages({ filters: { label: [`${KIND_LABEL}=${kind}`] } });
  for (const { Id, RepoTags } of older) {
    if (RepoTags?.includes(current)) continue;
    // One that is in use, or that another image is built on, is left for the next time.
    await dockerode
      .getImage(Id)
      .remove()
      .catch(() => undefined);
  }
}
