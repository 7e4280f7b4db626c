import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { getContainerRuntimeClient } from 'testcontainers';
import type { Options } from '../config/options.ts';
import { knownEngines } from './known-engines.ts';
import type { Log } from './log.ts';
import {
  addressesOf,
  type Connection,
  isNamedBy,
  type OwnContainer,
  ownContainerId,
  reachOf,
} from './reach.ts';
import { withProgress } from './set-up-progress.ts';

type Client = Awaited<ReturnType<typeof getContainerRuntimeClient>>;

/** Testcontainers' client of the container engine. */
export interface Engine extends Client {
  /** The only address that ports are published on; undefined: all addresses, because the engine is on another machine. */
  readonly publishedOn: string | undefined;
}

const PID_FILE = '/var/run/docker.pid';
const ENGINE_LOG = '/var/log/mpm-heartbeat-dockerd.log';
const START_LIMIT_MS = 60_000;

/**
 * Finds the container engine as Testcontainers does, or installs one. If no engine answers, and the run is root on Debian
 * or Ubuntu, `docker.io` is installed from the distribution's packages and started. It keeps running after the run, as it
 * does under systemd.
 *
 * @throws EngineError if there is no engine and none may or can be installed.
 */
export async function findEngine(options: Pick<Options, 'engine'>, say: Log): Promise<Engine> {
  const found = await answering();
  if (found) return found;
  await refuseUnlessInstallable(options);
  const installed = existsSync('/usr/sbin/dockerd');
  say(
    `engine: none answers; ${installed ? 'starting' : 'installing and starting'} Docker’s, as root (MPM_HEARTBEAT_ENGINE=existing forbids that)`,
  );
  if (!installed) await installPackages('docker.io', 'iptables');
  await start(say);
  const started = await answering();
  if (started) return started;
  throw new EngineError(
    `Docker's engine was started but does not answer; see ${ENGINE_LOG} or "journalctl -u docker".`,
  );
}

/** There is no engine, or it failed; the message says what was tried and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/**
 * Connects to the engine. Testcontainers' client gets the host on which this process reaches published ports
 * ({@link reachOf}).
 *
 * @throws EngineError if `TESTCONTAINERS_HOST_OVERRIDE` is wrong, or only another engine than that of `DOCKER_HOST` answers.
 * @throws Error if no engine answers.
 */
export async function connectEngine(): Promise<Engine> {
  const {
    DOCKER_HOST,
    TESTCONTAINERS_HOST_OVERRIDE: override,
    TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE,
  } = process.env;
  if (override) {
    await addressesOf(override).catch((error: Error) => {
      throw new EngineError(
        `TESTCONTAINERS_HOST_OVERRIDE=${override} is not a host name or address: ${error.message}`,
      );
    });
  }
  const client = await getContainerRuntimeClient();
  const connection = client.container.dockerode.modem as Connection;
  if (DOCKER_HOST && !isNamedBy(DOCKER_HOST, connection)) {
    throw new EngineError(
      `No container engine answers at DOCKER_HOST=${DOCKER_HOST}. Another one answers at ${connection.socketPath ?? connection.host}: to use that, unset DOCKER_HOST.`,
    );
  }
  const { host, isHere, socket } = reachOf(connection, await ownContainer(client), override);
  const hostIps = await addressesOf(host);
  const { containerRuntime } = client.info;
  // Testcontainers' containers read these fields.
  Object.assign(containerRuntime, {
    host,
    hostIps,
    remoteSocketPath: TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE ?? socket ?? containerRuntime.remoteSocketPath,
  });
  return Object.assign(client, { publishedOn: isHere ? hostIps[0]?.address : undefined });
}

/** The container that this process runs in, if it is one of this engine's. */
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

/** Installs packages of the distribution, and waits for another apt to end. */
export async function installPackages(...packages: string[]): Promise<void> {
  await withProgress(`apt-get install ${packages.join(' ')}`, async (at) => {
    const run = (...command: string[]) => {
      const running = execa('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...command], {
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
    if (!failed) return;
    const last = all.split('\n').slice(-5).join('\n');
    throw new EngineError(`apt-get could not install ${packages.join(', ')}:\n${last}`);
  });
}

/** The last line of a program's output that is not empty. */
export function lastLine(output: string): string {
  const lines = output.trimEnd().split(/[\r\n]+/);
  return lines.at(-1)?.trim() ?? '';
}

async function start(say: Log): Promise<void> {
  const began = Date.now();
  if (existsSync('/run/systemd/system')) {
    await execa('systemctl', ['start', 'docker'], { reject: false });
  } else {
    await removeStalePidFile();
    // Detached and with its own log, because it outlives the run.
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
 * Removes the pid file of a dockerd that was killed, because the next dockerd would refuse to start. The file stays if a
 * dockerd has that id.
 */
async function removeStalePidFile(): Promise<void> {
  const pid = (await readFile(PID_FILE, 'utf8').catch(() => '')).trim();
  if (pid === '') return;
  const owner = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  if (owner.trim() !== 'dockerd') await rm(PID_FILE, { force: true });
}
