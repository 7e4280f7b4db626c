import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { execa } from 'execa';
import { ImageName } from 'testcontainers';
import { type DebianRelease, debianReleases, newestStable, type Options } from '../config/options.ts';
import { type Engine, EngineError, installPackages, lastLine } from './engine.ts';
import { checkSpace } from './free-space.ts';
import { followImage, wordsOfFailure } from './image-stream.ts';
import type { Log } from './log.ts';
import { Memo } from './memo.ts';
import { withProgress } from './set-up-progress.ts';

/**
 * The prefix of all images that are built here. Because it names a registry, no other registry is asked for these images,
 * and Testcontainers does not add its prefix for Docker Hub.
 */
export const OWN = 'localhost/mpm-heartbeat';
const BASE = `${OWN}/base`;

/** The user's options for image builds. */
export interface BuildOptions
  extends Pick<
    Options,
    'engine' | 'base_image' | 'release' | 'apt_proxy' | 'apt_source' | 'registry' | 'registry_push'
  > {
  /** Images made before that moment are built again, milliseconds since the epoch. */
  readonly notBefore?: number | undefined;
}

/** Everything that an image build needs besides the image's release and layer. */
export interface BuildContext {
  readonly engine: Engine;
  readonly options: BuildOptions;
  readonly say: Log;
}

/**
 * The image that all others of a release are built on. It is the user's own image, or Debian's image under a name of
 * this project, or, if that cannot be pulled, an image made with mmdebstrap. It is made once, then kept.
 *
 * @returns the image's name.
 * @throws EngineError if there is no base image and none can be made.
 */
export function baseImage(context: BuildContext, release: DebianRelease): Promise<string> {
  return ready.get(release, () => findOrMake(context, release));
}

/** Base images of this process: builds at the same time wait for the same base image. */
const ready = new Memo<DebianRelease, string>();

async function findOrMake(context: BuildContext, release: DebianRelease): Promise<string> {
  const { engine, options, say } = context;
  const existing = await existingBaseImage(context, release);
  if (existing !== undefined) return existing;
  if (isUsers(options, release)) return pull(engine, options.base_image, say);
  const name = `${BASE}:${release}`;
  await checkSpace(engine, say);
  try {
    await tagAsBase(engine, await pull(engine, `debian:${release}-slim`, say), release);
  } catch (error) {
    await bootstrap(context, release, error as Error);
  }
  return name;
}

/** The base image of a release, if the engine already has it. */
export async function existingBaseImage(
  { engine, options }: Pick<BuildContext, 'engine' | 'options'>,
  release: DebianRelease,
): Promise<string | undefined> {
  const isOwn = isUsers(options, release);
  const name = isOwn ? options.base_image : `${BASE}:${release}`;
  return (await imageId(engine, name, isOwn ? undefined : options.notBefore)) && name;
}

/** Whether the user's own image is the base image of the release. */
function isUsers<O extends BuildOptions>(
  options: O,
  release: DebianRelease,
): options is O & { base_image: string } {
  return options.base_image !== undefined && options.base_image !== '' && release === options.release;
}

async function tagAsBase(engine: Engine, image: string, release: DebianRelease): Promise<void> {
  await engine.container.dockerode.getImage(image).tag({ repo: BASE, tag: release });
}

/** The engine's id of an image; undefined if the engine has no image of that name, or only an older one. */
export async function imageId(engine: Engine, name: string, notBefore = 0): Promise<string | undefined> {
  try {
    const { Id, Created } = await engine.container.dockerode.getImage(name).inspect();
    return Date.parse(Created) < notBefore ? undefined : Id;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/**
 * Pulls an image as Testcontainers does, with its credentials and its prefix for images of Docker Hub.
 *
 * @returns the image's name on the engine.
 * @throws EngineError if the image cannot be pulled.
 */
export async function pull(engine: Engine, image: string, say: Log): Promise<string> {
  const name = ImageName.fromString(image);
  try {
    await withProgress(`image ${name.string}`, () =>
      engine.image.pull(name, { force: true, platform: undefined }),
    );
    // Podman reports errors in the course of its answer, which goes only to Testcontainers' log.
    if (!(await imageId(engine, name.string)))
      throw new Error('run with DEBUG=testcontainers:pull to see why');
  } catch (error) {
    throw new EngineError(`${name.string} could not be pulled: ${(error as Error).message}`);
  }
  const { RepoDigests } = await engine.container.dockerode.getImage(name.string).inspect();
  const digest = name.tag.startsWith('sha256:') ? undefined : RepoDigests[0];
  say(`image: pulled ${name.string}${digest === undefined ? '' : `, which is ${digest}`}`);
  return name.string;
}

async function bootstrap(context: BuildContext, release: DebianRelease, why: Error): Promise<void> {
  const { engine, options, say } = context;
  const advice = `Set MPM_HEARTBEAT_BASE_IMAGE to an image of Debian ${release} that the engine has or can pull`;
  if (process.getuid?.() !== 0 || process.platform !== 'linux') {
    throw new EngineError(`${why.message}. ${advice}.`);
  }
  const isMissing = (await execa('mmdebstrap', ['--version'], { reject: false })).failed;
  if (isMissing && options.engine === 'existing') {
    throw new EngineError(
      `${why.message}. ${advice}, or install mmdebstrap and debian-archive-keyring, which MPM_HEARTBEAT_ENGINE=existing forbids the suite.`,
    );
  }
  say(`image: ${why.message}; making ${BASE}:${release} with mmdebstrap`);
  if (isMissing) await installPackages('mmdebstrap', 'debian-archive-keyring');
  const folder = await mkdtemp(join(tmpdir(), 'mpm-heartbeat-'));
  try {
    const keyring = await keyringFor(context, release, folder);
    const make = (...more: string[]) => mmdebstrap(context, release, [...keyring, ...more]);
    const made = await make().catch((error: Error) => {
      if (!EXPIRED.test(error.message)) throw error;
      say(`image: the mirror’s lists of ${release} have expired; they are used despite that`);
      // The option stays in the image, for packages that are installed there later.
      return make('--aptopt=Acquire::Check-Valid-Until "false"');
    });
    await tagAsBase(engine, made, release);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** apt's error for a mirror that has not been updated for so long that it might be hiding something. */
const EXPIRED = /Release file for \S+ is expired/;

/**
 * The options that name a release's signing keys to mmdebstrap. By default it uses the host's keys. Those of testing may
 * be newer, and the newest stable release has them.
 */
async function keyringFor(context: BuildContext, release: DebianRelease, folder: string): Promise<string[]> {
  if (debianReleases.indexOf(release) >= debianReleases.indexOf(newestStable)) return [];
  const stable = await baseImage(context, newestStable);
  const [keys, complaints] = [new PassThrough(), new PassThrough()];
  const [content, complaint, [{ StatusCode }]] = await Promise.all([
    buffer(keys),
    text(complaints),
    context.engine.container.dockerode
      .run(stable, ['cat', KEYRING], [keys, complaints], { Tty: false, HostConfig: { AutoRemove: true } })
      .catch((error: Error) => {
        // After a run, dockerode ends both streams, but only when all output has arrived.
        keys.end();
        complaints.end();
        throw error;
      }),
  ]);
  if (StatusCode !== 0) throw new EngineError(`${stable} has no ${KEYRING}: ${complaint.trim()}`);
  const file = join(folder, 'keyring.gpg');
  await writeFile(file, content);
  return [`--keyring=${file}`];
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** dpkg writes each file to disk before it goes on; an image that is built needs no protection against a power failure. */
const QUICK = '--dpkgopt=force-unsafe-io';

/** @returns the id of an image that has no name yet. @throws EngineError with the words of the program that failed. */
async function mmdebstrap(
  { engine, options: { apt_proxy } }: BuildContext,
  release: DebianRelease,
  more: readonly string[],
): Promise<string> {
  const name = `${BASE}:${release}`;
  return withProgress(`image ${name}`, async (at) => {
    const command = ['nice', 'mmdebstrap', '--variant=minbase', QUICK, ...more, release, '-'];
    // pdeathsig: an interrupted run leaves no process behind.
    const root = execa('setpriv', ['--pdeathsig', 'TERM', '--', ...command], {
      buffer: { stdout: false },
      encoding: 'buffer',
      reject: false,
      env: apt_proxy === undefined ? {} : { http_proxy: apt_proxy },
    });
    root.stderr.on('data', (output: Buffer) => at(lastLine(String(output))));
    const importing = importImage(engine, root.stdout).catch((error: Error) => {
      // Nobody reads its output any more, so mmdebstrap would wait for ever.
      root.stdout.destroy();
      root.kill();
      return error;
    });
    const [{ failed, stderr }, imported] = await Promise.all([root, importing]);
    if (imported instanceof Error || failed) {
      const { words } = wordsOfFailure(Buffer.from(stderr).toString());
      const lines = imported instanceof Error ? [...words, imported.message] : words;
      if (typeof imported === 'string') await engine.container.dockerode.getImage(imported).remove();
      throw new EngineError(`mmdebstrap could not make ${name}:\n${lines.join('\n')}`);
    }
    return imported;
  });
}

/**
 * Makes an image of a root file system. It has no name yet, because the engine also imports half a file system, which
 * must not become the base of all later runs.
 *
 * @returns the image's id.
 */
export async function importImage(engine: Engine, tar: NodeJS.ReadableStream): Promise<string> {
  // Node.js sends a request's headers with the first bytes of its body. Newer versions of Docker close a connection that
  // has sent none for five minutes, and on a slow machine mmdebstrap writes nothing for longer.
  await once(tar, 'readable');
  const answer = await engine.container.dockerode.importImage(tar as unknown as string, {});
  const id = (await followImage(engine, answer)).at(-1)?.status;
  if (id === undefined) throw new EngineError('the engine’s answer ended without an image');
  return id;
}
