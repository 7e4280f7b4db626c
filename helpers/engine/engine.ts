import { access, readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { getContainerRuntimeClient } from 'testcontainers';
import type { Options } from '../config/options.ts';
import { knownEngines } from './known-engines.ts';
import type { Log } from './log.ts';
import { type At, withProgress } from './progress.ts';
import { addressesOf, type Connection, type OwnContainer, ownContainerId, reachOf } from './reach.ts';

type Client = Awaited<ReturnType<typeof getContainerRuntimeClient>>;

/** Testcontainers' client of the container engine. */
export interface Engine extends Client {
  /** The one address that ports are published on; undefined: all, since the engine is on another machine. */
  readonly publishedOn: string | undefined;
}

const PID_FILE = '/var/run/docker.pid';
const ENGINE_LOG = '/var/log/mpm-heartbeat-dockerd.log';
const START_LIMIT_MS = 60_000;

/**
 * The container engine, found as Testcontainers finds it. Where none answers, and the run is root
 * on Debian or Ubuntu, `docker.io` is installed from the distribution's packages and started; it is
 * left running, as that package does under systemd.
 *
 * @throws EngineError where there is no engine and none may or can be installed.
 */
export async function findEngine(options: Pick<Options, 'engine'>, say: Log): Promise<Engine> {
  const found = await answering();
  if (found) return found;
  await refuseUnlessInstallable(options);
  const installed = await exists('/usr/sbin/dockerd');
  say(
    `engine: none answers; ${installed ? 'starting' : 'installing and starting'} Docker’s, as root (MPM_HEARTBEAT_ENGINE=existing forbids that)`,
  );
  if (!installed) await install();
  await start(say);
  const started = await answering();
  if (started) return started;
  throw new EngineError(
    `Docker's engine was started but does not answer; see ${ENGINE_LOG} or "journalctl -u docker".`,
  );
}

/** No engine, or one that could not do what it was asked for; the message says what was tried and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/**
 * Testcontainers' client, told where this process reaches what is published ({@link reachOf}).
 *
 * @throws EngineError where that is said by hand, and wrong.
 * @throws Error where no engine answers.
 */
export async function connectEngine(): Promise<Engine> {
  const { TESTCONTAINERS_HOST_OVERRIDE: override, TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE } = process.env;
  if (override) {
    await addressesOf(override).catch((error: Error) => {
      throw new EngineError(
        `TESTCONTAINERS_HOST_OVERRIDE=${override} is no host name or address: ${error.message}`,
      );
    });
  }
  const client = await getContainerRuntimeClient();
  const { dockerode } = client.container;
  const { host, isHere, socket } = reachOf(
    dockerode.modem as Connection,
    await ownContainer(client),
    override,
  );
  const hostIps = await addressesOf(host);
  const { containerRuntime } = client.info;
  // Its containers read it from there.
  Object.assign(containerRuntime, {
    host,
    hostIps,
    remoteSocketPath: TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE ?? socket ?? containerRuntime.remoteSocketPath,
  });
  return Object.assign(client, { publishedOn: isHere ? hostIps[0]?.address : undefined });
}

/** The container that this process runs in, if it does and this engine knows it. */
async function ownContainer({ container }: Client): Promise<OwnContainer | undefined> {
  const id = await ownContainerId();
  if (id === undefined) return undefined;
  return container.dockerode
    .getContainer(id)
    .inspect()
    .catch(() => undefined);
}

async function answering(): Promise<Engine | undefined> {
  try {
    return await connectEngine();
  } catch (error) {
    if (error instanceof EngineError) throw error;
    return undefined;
  }
}

async function refuseUnlessInstallable(options: Pick<Options, 'engine'>): Promise<void> {
  const known = await knownEngines();
  const other = known.find(({ name }) => name !== undefined);
  if (other) {
    throw new EngineError(
      `Testcontainers finds no container engine, but ${other.name} answers at ${other.address}. Run again with DOCKER_HOST=${other.address}`,
    );
  }
  const there = known.map(({ address, problem }) => ` ${address}: ${problem}.`).join('');
  const tried = `No container engine answers (tried DOCKER_HOST, ~/.testcontainers.properties and the sockets of Docker and Podman).${there}`;
  const advice = 'Start Docker, Podman’s socket or Colima, or set DOCKER_HOST, and run again.';
  if (options.engine === 'existing') {
    throw new EngineError(`${tried} MPM_HEARTBEAT_ENGINE=existing forbids installing one. ${advice}`);
  }
  if (process.env.DOCKER_HOST) {
    throw new EngineError(
      `${tried} DOCKER_HOST=${process.env.DOCKER_HOST} is set, so none is installed. ${advice}`,
    );
  }
  const distribution = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(distribution) || process.getuid?.() !== 0) {
    throw new EngineError(`${tried} One can be installed only as root on Debian or Ubuntu. ${advice}`);
  }
}

async function install(): Promise<void> {
  await installPackages('docker.io', 'iptables');
}

/** Installs packages of the distribution; waits for another apt to end. */
export async function installPackages(...packages: string[]): Promise<void> {
  await withProgress(`apt-get install ${packages.join(' ')}`, (at) => apt(packages, at));
}

async function apt(packages: readonly string[], at: At): Promise<void> {
  const run = (...arguments_: string[]) => {
    const running = execa('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...arguments_], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      stdin: 'ignore',
      all: true,
      reject: false,
    });
    running.all.on('data', (output: Buffer) => at(lastLine(String(output))));
    return running;
  };
  const install = ['-y', '--no-install-recommends', 'install', ...packages];
  if (!(await run(...install)).failed) return;
  await run('update');
  const { failed, all } = await run(...install);
  if (failed) {
    throw new EngineError(
      `apt-get could not install ${packages.join(', ')}:\n${all.split('\n').slice(-5).join('\n')}`,
    );
  }
}

/** The last line of a program's output that says anything. */
export function lastLine(output: string): string {
  return (
    output
      .trimEnd()
      .split(/[\r\n]+/)
      .at(-1)
      ?.trim() ?? ''
  );
}

async function start(say: Log): Promise<void> {
  const began = Date.now();
  if (await exists('/run/systemd/system')) {
    await execa('systemctl', ['start', 'docker'], { reject: false });
  } else {
    await removeStalePidFile();
    // Detached and with its own log, since it outlives the run.
    await execa('sh', ['-c', `setsid dockerd >>${ENGINE_LOG} 2>&1 </dev/null &`]);
  }
  const answers = await withProgress('Docker’s engine', async (at) => {
    at('starts');
    while (!(await answering())) {
      if (Date.now() - began > START_LIMIT_MS) return false;
      await sleep(100);
    }
    return true;
  });
  if (!answers) return;
  say(
    `engine: Docker’s engine started in ${((Date.now() - began) / 1000).toFixed(1)} s; it stays running (docs/engine.md: how to stop it)`,
  );
}

/**
 * A dockerd that was killed leaves its pid file, and the next one refuses to start. The file goes
 * only when no process has that id, or one that is no dockerd.
 */
async function removeStalePidFile(): Promise<void> {
  const pid = (await readFile(PID_FILE, 'utf8').catch(() => '')).trim();
  if (pid === '') return;
  const owner = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  if (owner.trim() !== 'dockerd') await rm(PID_FILE, { force: true });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
