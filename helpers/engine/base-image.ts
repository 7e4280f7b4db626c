import { execa } from 'execa';
import type { DebianRelease, Options } from '../config/options.ts';
import { type Engine, EngineError, installPackages, lastLine } from './engine.ts';
import { during } from './progress.ts';
import type { Say } from './say.ts';

const PULL_LIMIT_MS = 60_000;

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
  say: Say,
): Promise<string> {
  const image = ready.get(release) ?? findOrMake(engine, options, release, say);
  ready.set(release, image);
  return image;
}

/** What this process has asked for: images that are built side by side wait for the same base. */
const ready = new Map<DebianRelease, Promise<string>>();

async function findOrMake(
  engine: Engine,
  options: BaseOptions,
  release: DebianRelease,
  say: Say,
): Promise<string> {
  if (options.base_image && release === options.release) {
    if (!(await imageId(engine, options.base_image))) await pull(engine, options.base_image, say);
    return options.base_image;
  }
  const name = `mpm-heartbeat/base:${release}`;
  if (await imageId(engine, name, options.notBefore)) return name;
  const official = `debian:${release}-slim`;
  try {
    await pull(engine, official, say);
    await engine.container.dockerode.getImage(official).tag({ repo: 'mpm-heartbeat/base', tag: release });
  } catch (error) {
    await bootstrap(engine, options, release, name, error as Error, say);
  }
  return name;
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
 * Pulls an image.
 *
 * @throws EngineError where no registry answers within a minute.
 */
export async function pull(engine: Engine, name: string, say: Say): Promise<void> {
  const { dockerode } = engine.container;
  const limit = AbortSignal.timeout(PULL_LIMIT_MS);
  try {
    await during(`image ${name}`, async (at) => {
      const progress = await dockerode.pull(name, { abortSignal: limit });
      await new Promise<void>((resolve, reject) => {
        dockerode.modem.followProgress(
          progress,
          (error) => (error ? reject(error) : resolve()),
          ({ id = '', status = '', progress: bar = '' }: PullEvent) => at(`${status} ${id} ${bar}`.trim()),
        );
      });
    });
    say(`image: pulled ${name}`);
  } catch (error) {
    throw new EngineError(`${name} could not be pulled: ${(error as Error).message}`);
  }
}

/** What the engine tells while it pulls. */
interface PullEvent {
  readonly id?: string;
  readonly status?: string;
  /** A bar, drawn by the engine. */
  readonly progress?: string;
}

async function bootstrap(
  engine: Engine,
  { apt_proxy }: BaseOptions,
  release: DebianRelease,
  name: string,
  why: Error,
  say: Say,
): Promise<void> {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') {
    throw new EngineError(
      `${why.message}. Set MPM_HEARTBEAT_BASE_IMAGE to an image of Debian ${release} that the engine has or can pull.`,
    );
  }
  say(`image: no registry answers; making ${name} with mmdebstrap`);
  if ((await execa('mmdebstrap', ['--version'], { reject: false })).failed) {
    await installPackages('mmdebstrap', 'debian-archive-keyring');
  }
  const { failed, stderr } = await during(`image ${name}`, async (at) => {
    // pdeathsig: an interrupted run leaves no process behind.
    const root = execa(
      'setpriv',
      ['--pdeathsig', 'TERM', '--', 'mmdebstrap', '--variant=minbase', release, '-'],
      {
        buffer: { stdout: false },
        encoding: 'buffer',
        reject: false,
        env: apt_proxy === undefined ? {} : { http_proxy: apt_proxy },
      },
    );
    root.stderr.on('data', (output: Buffer) => at(lastLine(String(output))));
    const imported = await engine.container.dockerode.importImage(root.stdout as unknown as string, {
      repo: 'mpm-heartbeat/base',
      tag: release,
    });
    await new Promise((resolve) => imported.on('end', resolve).resume());
    return root;
  });
  if (failed || !(await imageId(engine, name))) {
    throw new EngineError(
      `mmdebstrap could not make ${name}: ${stderr.toString().split('\n').slice(-3).join(' ')}`,
    );
  }
}
