import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ImageBuildOptions } from 'dockerode';
import type { DebianRelease, Options } from '../config/options.ts';
import { contentHash, pathsIn } from '../config/tree.ts';
import { type BaseOptions, baseImage, confirmImage, existingBaseImage, imageId, OWN } from './base-image.ts';
import { type Engine, EngineError, lastLine } from './engine.ts';
import { followImage, STEP } from './image-stream.ts';
import type { Log } from './log.ts';
import { Memo } from './memo.ts';
import { withProgress } from './progress.ts';
import { lookForRoom } from './room.ts';
import { RUN_LABEL } from './run-container.ts';

/** An image: a folder with a Dockerfile, and the image that it is built on, where that is not the base image. */
export interface Layer {
  /** A folder of containers/, or an absolute path. */
  readonly folder: string;
  /** What its image is called by, where that is not the folder's name. */
  readonly name?: string;
  readonly on?: Layer;
  /** Another image, from which its Dockerfile copies: the build argument `WITH`. */
  readonly with?: Layer;
}

export const CONTAINERS = fileURLToPath(new URL('../../containers/', import.meta.url));
/** Where the user named one more apt source, it lies under every other layer of the run's release. */
const aptSource: Layer = { folder: 'apt-source' };
const KIND_LABEL = 'mpm-heartbeat.image';
/** Whose an image is: what one checkout does not need any more, another on the same engine may. */
const CHECKOUT_LABEL = 'mpm-heartbeat.checkout';

export interface BuildOptions extends BaseOptions, Pick<Options, 'apt_source'> {}

/**
 * An image of one release, built where what it is made of has changed.
 *
 * @returns its name, tagged with a hash of its folder, of what it is built on and of its arguments.
 * @throws EngineError in the words of what has failed.
 */
export async function image(
  engine: Engine,
  options: BuildOptions,
  release: DebianRelease,
  layer: Layer,
  say: Log,
): Promise<string> {
  const on = layerBelow(options, release, layer);
  const base = on
    ? await image(engine, options, release, on, say)
    : await baseImage(engine, options, release, say);
  const from = layer.with && (await image(engine, options, release, layer.with, say));
  return building.get([base, from, layer.folder].join(' '), async () => {
    const plan = await planBuild(engine, options, release, layer, base, from);
    if (!(await imageId(engine, plan.name, options.notBefore)))
      await build(engine, options, release, plan, say);
    return plan.name;
  });
}

/** The name of an image that need not be built; undefined where it, or one below it, is missing. */
export async function builtImage(
  engine: Engine,
  options: BuildOptions,
  release: DebianRelease,
  layer: Layer,
): Promise<string | undefined> {
  const on = layerBelow(options, release, layer);
  const base = on
    ? await builtImage(engine, options, release, on)
    : await existingBaseImage(engine, options, release);
  const from = layer.with && (await builtImage(engine, options, release, layer.with));
  if (base === undefined || (layer.with && from === undefined)) return undefined;
  const { name } = await planBuild(engine, options, release, layer, base, from);
  return (await imageId(engine, name, options.notBefore)) && name;
}

function layerBelow(options: BuildOptions, release: DebianRelease, layer: Layer): Layer | undefined {
  const hasSource = options.apt_source !== undefined && release === options.release;
  return layer.on ?? (hasSource && layer !== aptSource ? aptSource : undefined);
}

/** What this process has asked for: who asks for the same image beside another waits for it. */
const building = new Memo<string, string>();

interface BuildPlan {
  readonly name: string;
  readonly kind: string;
  readonly folder: string;
  readonly buildargs: Readonly<Record<string, string>>;
}

async function planBuild(
  engine: Engine,
  options: BuildOptions,
  release: DebianRelease,
  layer: Layer,
  base: string,
  from: string | undefined,
): Promise<BuildPlan> {
  const folder = resolve(CONTAINERS, layer.folder);
  const kind = kindOf(layer);
  const buildargs = {
    BASE: base,
    ...(from !== undefined && { WITH: from }),
    ...(layer === aptSource && { APT_SOURCE: options.apt_source ?? '' }),
  };
  const content = contextHash(folder, [
    (await imageId(engine, base)) ?? base,
    ...(from === undefined ? [] : [(await imageId(engine, from)) ?? from]),
    JSON.stringify(buildargs),
  ]);
  return { name: `${OWN}/${kind}:${release}-${content}`, kind, folder, buildargs };
}

async function build(
  engine: Engine,
  options: BuildOptions,
  release: DebianRelease,
  { name, kind, folder, buildargs }: BuildPlan,
  say: Log,
): Promise<void> {
  await lookForRoom(engine, say);
  const labels = labelsOf(kind, release);
  const began = Date.now();
  say(`image: building ${name}`);
  await buildFolder(engine, `image ${kind}, ${release}`, folder, {
    t: name,
    buildargs: { ...buildargs, ...(options.apt_proxy && { http_proxy: options.apt_proxy }) },
    nocache: options.notBefore !== undefined,
    forcerm: true,
    labels,
  });
  say(`image: built ${name} in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  await removeOlder(engine, labels, name);
}

/** E.g. `stub-httpd-probe`. */
function kindOf({ folder, name = basename(folder).toLowerCase(), on }: Layer): string {
  return `${on ? `${kindOf(on)}-` : ''}${name}`;
}

async function buildFolder(
  engine: Engine,
  step: string,
  folder: string,
  options: ImageBuildOptions & { t: string },
): Promise<void> {
  const { dockerode } = engine.container;
  await withProgress(step, async (at) => {
    const progress = await dockerode.buildImage({ context: folder, src: await readdir(folder) }, options);
    let parts: { done: number; of: number } | undefined;
    await followImage(engine, progress, ({ stream = '' }) => {
      const [, number, of, instruction] = STEP.exec(stream) ?? [];
      if (number !== undefined) parts = { done: Number(number) - 1, of: Number(of) };
      const words = instruction ?? lastLine(stream);
      if (words !== '') at(words, parts);
    });
    await confirmImage(engine, options.t);
  }).catch((error: Error) => {
    throw new EngineError(`${options.t} could not be built:\n${error.message}`);
  });
}

/** A hash of a build's context. @throws EngineError for a context that cannot be sent to the engine. */
function contextHash(folder: string, more: readonly string[]): string {
  try {
    return contentHash(folder, pathsIn(folder), more);
  } catch (error) {
    throw new EngineError(`no image can be built from ${folder}: ${(error as Error).message}`);
  }
}

/** What an image carries that a checkout builds, by default this one. */
export function labelsOf(
  kind: string,
  release: DebianRelease,
  folder = CONTAINERS,
): Readonly<Record<string, string>> {
  const checkout = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return { [KIND_LABEL]: `${kind}:${release}`, [CHECKOUT_LABEL]: checkout };
}

/**
 * Removes images with the same labels that came before, unless another run is there that may need one. Those of
 * other checkouts stay.
 */
export async function removeOlder(
  engine: Engine,
  labels: Readonly<Record<string, string>>,
  current: string,
): Promise<void> {
  const { dockerode } = engine.container;
  const others = await dockerode.listContainers({ filters: { label: [RUN_LABEL] } });
  if (others.length > 0) return;
  const currentId = await imageId(engine, current);
  // Podman 4 lists nothing where it is asked for two labels.
  const sameKind = await dockerode.listImages({
    filters: { label: [`${KIND_LABEL}=${labels[KIND_LABEL]}`] },
  });
  const older = sameKind.filter(
    ({ Id, Labels }) => Id !== currentId && Labels?.[CHECKOUT_LABEL] === labels[CHECKOUT_LABEL],
  );
  for (const { Id } of older) {
    // One that is in use, or that another image is built on, is left for the next time.
    await dockerode
      .getImage(Id)
      .remove()
      .catch(() => undefined);
  }
}
