import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { execa } from 'execa';
import { ImageName } from 'testcontainers';
import { type DebianRelease, debianReleases, newestStable, type Options } from '../config/options.ts';
import { type Engine, EngineError, installPackages, lastLine } from './engine.ts';
import { followImage, wordsOfFailure } from './image-stream.ts';
import type { Log } from './log.ts';
import { Memo } from './memo.ts';
import { withProgress } from './progress.ts';
import { lookForRoom } from './room.ts';

/**
 * Of every image that is made here. With a registry in its name no image is asked of another one, nor given
 * Testcontainers' prefix for those of Docker Hub.
 */
export const OWN = 'localhost/mpm-heartbeat';
const BASE = `${OWN}/base`;

export interface BaseOptions extends Pick<Options, 'base_image' | 'release' | 'apt_proxy'> {
  /** An image made before that moment is made anew, milliseconds since the epoch. */
  readonly notBefore?: number | undefined;
}

/**
 * The image that all others of a release are built from: the one the user named; or Debian's own,
 * pulled where a registry answers and tagged with a name of this project; or one made with
 * mmdebstrap where none does. Made once, then kept.
 *
 * @returns the image's name.
 * @throws EngineError where no base image can be had.
 */
export function baseImage(
  engine: Engine,
  options: BaseOptions,
  release: DebianRelease,
  say: Log,
): Promise<string> {
  return ready.get(release, () => findOrMake(engine, options, release, say));
}

/** What this process has asked for: images that are built side by side wait for the same base. */
const ready = new Memo<DebianRelease, string>();

async function findOrMake(
  engine: Engine,
  options: BaseOptions,
  release: DebianRelease,
  say: Log,
): Promise<string> {
  const existing = await existingBaseImage(engine, options, release);
  if (existing !== undefined) return existing;
  if (isUsers(options, release)) return pull(engine, options.base_image, say);
  const name = `${BASE}:${release}`;
  await lookForRoom(engine, say);
  try {
    const official = await pull(engine, `debian:${release}-slim`, say);
    await engine.container.dockerode.getImage(official).tag({ repo: BASE, tag: release });
  } catch (error) {
    await bootstrap(engine, options, release, name, error as Error, say);
  }
  return name;
}

/** The base image of a release as far as the engine has it already. */
export async function existingBaseImage(
  engine: Engine,
  options: BaseOptions,
  release: DebianRelease,
): Promise<string | undefined> {
  if (isUsers(options, release)) {
    return (await imageId(engine, options.base_image)) && options.base_image;
  }
  const name = `${BASE}:${release}`;
  return (await imageId(engine, name, options.notBefore)) && name;
}

/** Whether the user named an image that stands for the release. */
function isUsers<O extends BaseOptions>(
  options: O,
  release: DebianRelease,
): options is O & { base_image: string } {
  return options.base_image !== undefined && options.base_image !== '' && release === options.release;
}

/** The engine's id of an image, or undefined where it has none of that name, or an older one. */
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
 * Makes sure that the engine has an image that it was to make: an answer that is cut off looks like its end.
 *
 * @throws EngineError where it has none of that name.
 */
export async function confirmImage(engine: Engine, name: string): Promise<void> {
  if (!(await imageId(engine, name)))
    throw new EngineError(`the engine’s answer ended, but it has no ${name}`);
}

/**
 * Pulls an image as Testcontainers does, with its credentials and its prefix for images of Docker Hub.
 *
 * @returns the name under which the engine has it.
 * @throws EngineError where it cannot be had.
 */
export async function pull(engine: Engine, image: string, say: Log): Promise<string> {
  const name = ImageName.fromString(image);
  try {
    await withProgress(`image ${name.string}`, () =>
      engine.image.pull(name, { force: true, platform: undefined }),
    );
    // What Podman says in the course of its answer goes to Testcontainers' log only.
    if (!(await imageId(engine, name.string))) throw new Error('DEBUG=testcontainers:pull shows why');
  } catch (error) {
    throw new EngineError(`${name.string} could not be pulled: ${(error as Error).message}`);
  }
  const { RepoDigests } = await engine.container.dockerode.getImage(name.string).inspect();
  const digest = name.tag.startsWith('sha256:') ? undefined : RepoDigests[0];
  say(`image: pulled ${name.string}${digest === undefined ? '' : `, which is ${digest}`}`);
  return name.string;
}

async function bootstrap(
  engine: Engine,
  options: BaseOptions,
  release: DebianRelease,
  name: string,
  why: Error,
  say: Log,
): Promise<void> {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') {
    throw new EngineError(
      `${why.message}. Set MPM_HEARTBEAT_BASE_IMAGE to an image of Debian ${release} that the engine has or can pull.`,
    );
  }
  say(`image: ${why.message}; making ${name} with mmdebstrap`);
  if ((await execa('mmdebstrap', ['--version'], { reject: false })).failed) {
    await installPackages('mmdebstrap', 'debian-archive-keyring');
  }
  const folder = await mkdtemp(join(tmpdir(), 'mpm-heartbeat-'));
  try {
    const keyring = await keyringFor(engine, options, release, folder, say);
    const make = (...more: string[]) => mmdebstrap(engine, options, release, [...keyring, ...more]);
    const made = await make().catch((error: Error) => {
      if (!EXPIRED.test(error.message)) throw error;
      say(`image: the mirror’s lists of ${release} are past their date, and are used all the same`);
      // It stays in the image, for what is installed there later.
      return make('--aptopt=Acquire::Check-Valid-Until "false"');
    });
    await engine.container.dockerode.getImage(made).tag({ repo: BASE, tag: release });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** apt's words where a mirror has not been brought up to date for so long that it might be hiding something. */
const EXPIRED = /Release file for \S+ is expired/;

/** What tells mmdebstrap by which keys a release is signed: the host's; testing's may be newer, and the newest stable release has them. */
async function keyringFor(
  engine: Engine,
  options: BaseOptions,
  release: DebianRelease,
  folder: string,
  say: Log,
): Promise<string[]> {
  if (debianReleases.indexOf(release) >= debianReleases.indexOf(newestStable)) return [];
  const stable = await baseImage(engine, options, newestStable, say);
  const [keys, complaints] = [new PassThrough(), new PassThrough()];
  const [content, complaint, [{ StatusCode }]] = await Promise.all([
    buffer(keys),
    text(complaints),
    engine.container.dockerode
      .run(stable, ['cat', KEYRING], [keys, complaints], { Tty: false, HostConfig: { AutoRemove: true } })
      .catch((error: Error) => {
        // Where it ran, dockerode ends both when all of it has come, which may be after its container has ended.
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

/** @returns the id of an image that has no name yet. @throws EngineError in the words of what has failed. */
async function mmdebstrap(
  engine: Engine,
  { apt_proxy }: BaseOptions,
  release: DebianRelease,
  more: readonly string[],
): Promise<string> {
  const name = `${BASE}:${release}`;
  return withProgress(`image ${name}`, async (at) => {
    // pdeathsig: an interrupted run leaves no process behind.
    const root = execa(
      'setpriv',
      ['--pdeathsig', 'TERM', '--', 'mmdebstrap', '--variant=minbase', ...more, release, '-'],
      {
        buffer: { stdout: false },
        encoding: 'buffer',
        reject: false,
        env: apt_proxy === undefined ? {} : { http_proxy: apt_proxy },
      },
    );
    root.stderr.on('data', (output: Buffer) => at(lastLine(String(output))));
    const importing = importImage(engine, root.stdout).catch((error: Error) => {
      // Nobody reads on: it would wait for ever, and so would who waits for its output's end.
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
 * Makes an image of a root file system. It has no name yet, since the engine cannot tell half of one, or an empty
 * one, from a whole one: that would stand in for the base of all later runs.
 *
 * @returns the image's id.
 */
async function importImage(engine: Engine, tar: NodeJS.ReadableStream): Promise<string> {
  const answer = await engine.container.dockerode.importImage(tar as unknown as string, {});
  const id = (await followImage(engine, answer)).at(-1)?.status;
  if (id === undefined) throw new EngineError('the engine’s answer ended without an image');
  return id;
}
