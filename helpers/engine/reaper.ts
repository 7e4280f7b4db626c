import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageName, Wait } from 'testcontainers';
import { imageId, OWN, pull } from './base-image.ts';
import { type Engine, EngineError } from './engine.ts';
import { type BuildOptions, image } from './images.ts';
import { RUN_LABEL, RunContainer } from './run-container.ts';
import type { Say } from './say.ts';

const RYUK = 'testcontainers/ryuk:0.14.0';
const PORT = 8080;

/** What removes all that a run started once the process that holds it is gone, however it went. */
export interface Reaper {
  /** Removes the reaper itself, after a run that cleaned up. */
  stop(): Promise<void>;
}

/**
 * Starts a reaper for this run: Testcontainers' Ryuk where its image can be had, or this project's
 * stand-in that speaks the same protocol. It removes every container, network and volume with the
 * run's label two seconds after the connection from this process has ended.
 *
 * @returns undefined where `TESTCONTAINERS_RYUK_DISABLED` says that there be none.
 */
export async function startReaper(
  engine: Engine,
  options: BuildOptions,
  runId: string,
  say: Say,
): Promise<Reaper | undefined> {
  if (process.env.TESTCONTAINERS_RYUK_DISABLED === 'true') {
    say('reaper: none, since TESTCONTAINERS_RYUK_DISABLED=true; a run that is killed leaves its containers');
    return undefined;
  }
  const container = await new ReaperContainer(await reaperImage(engine, options, say), engine, runId)
    .withExposedPorts(PORT)
    .withBindMounts([
      { source: engine.info.containerRuntime.remoteSocketPath, target: '/var/run/docker.sock' },
    ])
    .withEnvironment({ RYUK_RECONNECTION_TIMEOUT: '2s', RYUK_CONNECTION_TIMEOUT: '10s' })
    .withWaitStrategy(Wait.forLogMessage(/Started/))
    .start();
  const socket = await hold(container.getHost(), container.getMappedPort(PORT));
  socket.write(`label=${RUN_LABEL}=${runId}\n`);
  await once(socket, 'data');
  socket.unref();
  return {
    stop: async () => {
      socket.destroy();
      // It removes itself once it has ended.
      await engine.container.getById(container.getId()).kill();
    },
  };
}

class ReaperContainer extends RunContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    await super.beforeContainerCreated();
    this.hostConfig.AutoRemove = true;
    this.hostConfig.Privileged = process.env.TESTCONTAINERS_RYUK_PRIVILEGED === 'true';
    // Its own label would make it remove itself first.
    if (this.createOpts.Labels) delete this.createOpts.Labels[RUN_LABEL];
  }
}

async function reaperImage(engine: Engine, options: BuildOptions, say: Say): Promise<string> {
  if (process.env.RYUK_CONTAINER_IMAGE) return process.env.RYUK_CONTAINER_IMAGE;
  if (await imageId(engine, ImageName.fromString(RYUK).string)) return RYUK;
  const { dockerode } = engine.container;
  const ownExists = (await dockerode.listImages({ filters: { reference: [`${OWN}/reaper`] } })).length > 0;
  if (!ownExists) {
    try {
      await pull(engine, RYUK, say);
      return RYUK;
    } catch {
      // no registry: the stand-in does the same
    }
  }
  return image(engine, options, options.release, { folder: 'reaper' }, say);
}

async function hold(host: string, port: number): Promise<Socket> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const socket = connect(port, host);
    try {
      await once(socket, 'connect');
      socket.on('error', () => undefined);
      return socket;
    } catch {
      await sleep(100);
    }
  }
  throw new EngineError(`the reaper does not answer on ${host}:${port}`);
}
