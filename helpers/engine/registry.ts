import { ImageName } from 'testcontainers';
import { getAuthConfig } from 'testcontainers/build/container-runtime/index.js';
import { type BuildContext, imageId, OWN } from './base-image.ts';
import { type Engine, EngineError } from './engine.ts';
import { followImage } from './image-stream.ts';
import { withProgress } from './set-up-progress.ts';

/** An image that is kept in the user's registry: its name on the engine, and the name of the image below it. */
export interface KeptImage {
  readonly name: string;
  readonly base: string;
}

/**
 * Pulls an image from the user's registry, and gives it its own name. If the registry cannot be asked, that is printed
 * once, and the registry is not asked again.
 *
 * @returns whether the engine has the image now.
 */
export async function pullKept(context: BuildContext, kept: KeptImage): Promise<boolean> {
  const { engine, options, say } = context;
  // An image that must be newer than the run cannot be in the registry yet. A tag has the line of an apt source, but not
  // the packages that it offers today.
  const isNewer = options.notBefore !== undefined || options.apt_source !== undefined;
  if (options.registry === undefined || isNewer) return false;
  if (refused.pull.has(engine)) return false;
  const began = Date.now();
  const { repo, tag } = await placeOf(engine, options.registry, kept);
  const remote = `${repo}:${tag}`;
  const { dockerode } = engine.container;
  let id: string | undefined;
  try {
    await withProgress(`image ${remote}`, async (at) => {
      const answer = await dockerode.pull(remote, { authconfig: await credentials(remote) });
      await followImage(engine, answer, ({ status = '' }) => at(status));
    });
    id = await imageId(engine, remote);
    if (id === undefined) throw new EngineError('the engine’s answer ended without an image');
  } catch (error) {
    const { message } = error as Error;
    if (!MISSING.test(message)) refuse('pull', context, `${message.trim()}; missing images are built`);
    return false;
  }
  const [own, ownTag] = kept.name.split(':') as [string, string];
  await dockerode.getImage(id).tag({ repo: own, tag: ownTag });
  await untag(engine, remote);
  say(`image: pulled ${kept.name} from ${options.registry} in ${secondsSince(began)} s`);
  return true;
}

/** Pushes an image to the user's registry, if the user wants that. If it fails, that is printed once, and the run goes on. */
export async function pushKept(context: BuildContext, kept: KeptImage): Promise<void> {
  const { engine, options, say } = context;
  if (options.registry === undefined || !options.registry_push || refused.push.has(engine)) return;
  const began = Date.now();
  const { repo, tag } = await placeOf(engine, options.registry, kept);
  const remote = `${repo}:${tag}`;
  const { dockerode } = engine.container;
  try {
    await dockerode.getImage(kept.name).tag({ repo, tag });
    await withProgress(`image ${remote}`, async (at) => {
      // dockerd refuses a push without credentials, but accepts empty ones.
      const authconfig = (await credentials(remote)) ?? {};
      const answer = await dockerode.getImage(repo).push({ tag, authconfig });
      await followImage(engine, answer, ({ status = '' }) => at(status));
    });
    say(`image: pushed ${kept.name} to ${options.registry} in ${secondsSince(began)} s`);
  } catch (error) {
    refuse('push', context, `${(error as Error).message.trim()}; no more images are pushed`);
  } finally {
    await untag(engine, remote);
  }
}

/** What registries say, through either engine, if they do not have an image. */
const MISSING = /manifest unknown|name unknown|not found/i;

/** The engines that a registry has refused. */
const refused = { pull: new WeakSet<Engine>(), push: new WeakSet<Engine>() };

function refuse(action: keyof typeof refused, { engine, options, say }: BuildContext, why: string): void {
  if (refused[action].has(engine)) return;
  refused[action].add(engine);
  say(`image: cannot ${action} ${options.registry}: ${why}`.replaceAll(/\s+/g, ' '));
}

/**
 * All images are in one repository, because some registries give each repository its own permissions, and others allow
 * no further part in a path. With Docker's containerd image store, the base image has the same id on all architectures.
 */
async function placeOf(
  engine: Engine,
  registry: string,
  { name, base }: KeptImage,
): Promise<{ repo: string; tag: string }> {
  const { Architecture } = await engine.container.dockerode.getImage(base).inspect();
  return { repo: registry, tag: `${name.slice(`${OWN}/`.length).replace(':', '-')}-${Architecture}` };
}

/** The credentials that `docker login` has kept, or that `DOCKER_AUTH_CONFIG` has. */
async function credentials(remote: string): Promise<object | undefined> {
  const { registry } = ImageName.fromString(remote);
  return registry === undefined ? undefined : getAuthConfig(registry);
}

/** Removes the tag that names the registry. The engine cannot remove an old image by its id while the image has two tags. */
async function untag(engine: Engine, remote: string): Promise<void> {
  await engine.container.dockerode
    .getImage(remote)
    .remove()
    .catch(() => undefined);
}

function secondsSince(began: number): string {
  return ((Date.now() - began) / 1000).toFixed(1);
}
