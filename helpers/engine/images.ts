import { basename, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ImageBuildOptions } from 'dockerode';
import type { DebianRelease } from '../config/options.ts';
import { digest } from '../config/part-files.ts';
import { contentHash } from '../config/tree.ts';
import { type BuildContext, baseImage, existingBaseImage, imageId, OWN } from './base-image.ts';
import { contextPaths, packed } from './build-context.ts';
import { type Engine, EngineError, lastLine } from './engine.ts';
import { checkSpace } from './free-space.ts';
import { followImage, STEP } from './image-stream.ts';
import { Memo } from './memo.ts';
import { pullKept, pushKept } from './registry.ts';
import { RUN_LABEL } from './run-container.ts';
import { withProgress } from './set-up-progress.ts';

/** An image: a folder with a Dockerfile, and the layer below it. */
export interface Layer {
  /** A folder of containers/, or an absolute path. */
  readonly folder: string;
  /** A path in the folder; by default `Dockerfile`. */
  readonly dockerfile?: string;
  /** The name of its image; by default the folder's name. */
  readonly name?: string;
  /** By default Debian, with the user's apt source. */
  readonly on?: Layer;
  /** Another image, from which its Dockerfile copies files: the build argument `WITH`. */
  readonly with?: Layer;
}

/** The folder of all layers that come with the suite. */
export const CONTAINERS = fileURLToPath(new URL('../../containers/', import.meta.url));
/** It is below all other layers. In the run's release it has the user's additional apt source, if there is one. */
const debian: Layer = { folder: 'debian' };
const KIND_LABEL = 'mpm-heartbeat.image';
/** The checkout that built an image. Another checkout on the same engine may still need its older images. */
const CHECKOUT_LABEL = 'mpm-heartbeat.checkout';

/**
 * Builds an image of one release if its content has changed, unless the user's registry has it.
 *
 * @returns its name, tagged with a hash of its folder, of the images below it and of its build arguments.
 * @throws EngineError with the words of the program that failed.
 */
export async function image(context: BuildContext, release: DebianRelease, layer: Layer): Promise<string> {
  const { engine, options } = context;
  const on = layerBelow(layer);
  const base = on ? await image(context, release, on) : await baseImage(context, release);
  const from = layer.with && (await image(context, release, layer.with));
  return building.get([base, from, layer.folder].join(' '), async () => {
    const plan = await planBuild(context, release, layer, base, from);
    if (!(await imageId(engine, plan.name, options.notBefore))) await provide(context, release, plan);
    return plan.name;
  });
}

/** The name of an image that need not be built; undefined if the image, or one below it, is missing. */
export async function builtImage(
  context: Pick<BuildContext, 'engine' | 'options'>,
  release: DebianRelease,
  layer: Layer,
): Promise<string | undefined> {
  const { engine, options } = context;
  const on = layerBelow(layer);
  const base = on ? await builtImage(context, release, on) : await existingBaseImage(context, release);
  const from = layer.with && (await builtImage(context, release, layer.with));
  if (base === undefined || (layer.with && from === undefined)) return undefined;
  const { name } = await planBuild(context, release, layer, base, from);
  return (await imageId(engine, name, options.notBefore)) && name;
}

/** Undefined for the layer on the base image. */
function layerBelow(layer: Layer): Layer | undefined {
  return layer === debian ? undefined : (layer.on ?? debian);
}

/** Images of this process: builds at the same time wait for the same image. */
const building = new Memo<string, string>();

interface BuildPlan {
  readonly name: string;
  readonly kind: string;
  readonly folder: string;
  readonly dockerfile: string;
  /** What the build gets of the folder. */
  readonly paths: readonly string[];
  readonly buildargs: { readonly BASE: string } & Readonly<Record<string, string>>;
}

async function planBuild(
  { engine, options }: Pick<BuildContext, 'engine' | 'options'>,
  release: DebianRelease,
  layer: Layer,
  base: string,
  from: string | undefined,
): Promise<BuildPlan> {
  const { apt_source } = options;
  const { dockerfile = 'Dockerfile' } = layer;
  const folder = resolve(CONTAINERS, layer.folder);
  const kind = kindOf(layer);
  const buildargs = {
    BASE: base,
    ...(from !== undefined && { WITH: from }),
    ...(layer === debian &&
      release === options.release &&
      apt_source !== undefined && { APT_SOURCE: apt_source }),
  };
  const { paths, content } = contextOf(folder, dockerfile, [
    (await imageId(engine, base)) ?? base,
    ...(from === undefined ? [] : [(await imageId(engine, from)) ?? from]),
    JSON.stringify(buildargs),
    ...(layer.dockerfile === undefined ? [] : [dockerfile]),
  ]);
  return { name: `${OWN}/${kind}:${release}-${content}`, kind, folder, dockerfile, paths, buildargs };
}

/** Pulls an image from the user's registry, or builds it. */
async function provide(context: BuildContext, release: DebianRelease, plan: BuildPlan): Promise<void> {
  const { engine, say } = context;
  const kept = { name: plan.name, base: plan.buildargs.BASE };
  await checkSpace(engine, say);
  if (!(await pullKept(context, kept))) {
    await build(context, release, plan);
    await pushKept(context, kept);
  }
  await removeOlder(engine, labelsOf(plan.kind, release), plan.name);
}

/**
 * A container has 1024. Rows run beside builds, and a request that is answered late makes its row inconclusive. With much
 * less, the images are not ready when only the rows that need them are left.
 */
const BUILD_SHARES = 512;

async function build(
  { engine, options, say }: BuildContext,
  release: DebianRelease,
  { name, kind, folder, dockerfile, paths, buildargs }: BuildPlan,
): Promise<void> {
  const began = Date.now();
  say(`image: building ${name}`);
  await buildContext(engine, `image ${kind}, ${release}`, packed(folder, paths), {
    t: name,
    dockerfile,
    buildargs: { ...buildargs, ...(options.apt_proxy && { http_proxy: options.apt_proxy }) },
    nocache: options.notBefore !== undefined,
    forcerm: true,
    cpushares: BUILD_SHARES,
    labels: labelsOf(kind, release),
  });
  say(`image: built ${name} in ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

/** E.g. `oslo-stub-httpd-probe`. */
function kindOf({ folder, name = basename(folder).toLowerCase(), on }: Layer): string {
  return `${on ? `${kindOf(on)}-` : ''}${name}`;
}

async function buildContext(
  engine: Engine,
  step: string,
  context: Readable,
  options: ImageBuildOptions & { t: string },
): Promise<void> {
  const { dockerode } = engine.container;
  await withProgress(step, async (at) => {
    const progress = await dockerode.buildImage(context, options);
    let parts: { done: number; of: number } | undefined;
    await followImage(engine, progress, ({ stream = '' }) => {
      const [, number, of, instruction] = STEP.exec(stream) ?? [];
      if (number !== undefined) parts = { done: Number(number) - 1, of: Number(of) };
      const words = instruction ?? lastLine(stream);
      if (words !== '') at(words, parts);
    });
    // An answer that is cut off looks like its end.
    if (!(await imageId(engine, options.t))) {
      throw new EngineError(`the engine’s answer ended, but it has no ${options.t}`);
    }
  }).catch((error: Error) => {
    throw new EngineError(`${options.t} could not be built:\n${error.message}`);
  });
}

/**
 * The paths of a build's context, and a hash of them and of `more`.
 *
 * @throws EngineError for a context that cannot be sent to the engine.
 */
function contextOf(
  folder: string,
  dockerfile: string,
  more: readonly string[],
): { readonly paths: readonly string[]; readonly content: string } {
  try {
    const paths = contextPaths(folder, dockerfile);
    return { paths, content: contentHash(folder, paths, more) };
  } catch (error) {
    throw new EngineError(`no image can be built from ${folder}: ${(error as Error).message}`);
  }
}

/** The labels of an image that a checkout builds, by default this one. */
export function labelsOf(
  kind: string,
  release: DebianRelease,
  folder = CONTAINERS,
): Readonly<Record<string, string>> {
  return { [KIND_LABEL]: `${kind}:${release}`, [CHECKOUT_LABEL]: digest(folder) };
}

/** Removes older images with the same labels, unless another run on the engine may need them. */
export async function removeOlder(
  engine: Engine,
  labels: Readonly<Record<string, string>>,
  current: string,
): Promise<void> {
  const { dockerode } = engine.container;
  const others = await dockerode.listContainers({ filters: { label: [RUN_LABEL] } });
  if (others.length > 0) return;
  const currentId = await imageId(engine, current);
  // Podman 4 lists nothing if it is asked for two labels.
  const sameKind = await dockerode.listImages({
    filters: { label: [`${KIND_LABEL}=${labels[KIND_LABEL]}`] },
  });
  const older = sameKind.filter(
    ({ Id, Labels }) => Id !== currentId && Labels?.[CHECKOUT_LABEL] === labels[CHECKOUT_LABEL],
  );
  for (const { Id } of older) {
    // An image that is in use, or below another image, is left for the next time.
    await dockerode
      .getImage(Id)
      .remove()
      .catch(() => undefined);
  }
}
