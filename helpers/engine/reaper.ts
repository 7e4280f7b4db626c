import { on, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GenericContainer, ImageName, type StartedTestContainer, Wait } from 'testcontainers';
import { type BuildContext, imageId, OWN, pull } from './base-image.ts';
import { type Engine, EngineError } from './engine.ts';
import { image } from './images.ts';
import type { Log } from './log.ts';
import { isLoopback } from './reach.ts';
import { RUN_LABEL, RunContainer } from './run-container.ts';

/**
 * Ryuk 0.14.0 for all architectures. It is pinned by its digest because its process gets the engine's socket.
 * Testcontainers pins the same digest (https://dotnet.testcontainers.org/api/resource_reaper/).
 */
const RYUK = 'testcontainers/ryuk@sha256:7c1a8a9a47c780ed0f983770a662f80deb115d95cce3e2daa3d12115b8cd28f0';
const RYUK_PORT = 8080;
/** The longest time between a start and the acknowledgement, which usually takes milliseconds. */
const ANSWER_LIMIT_MS = 10_000;
/** As in Docker's client: a connection that is idle for long may be cut off on the way. */
const KEEP_ALIVE_MS = 30_000;

/** Removes everything that a run started once the run's process has ended in any way. */
export interface Reaper {
  /** Removes the reaper itself, after a run that has cleaned up. */
  stop(): Promise<void>;
}

/**
 * Starts a reaper for this run: Testcontainers' Ryuk if its image is available, or else the suite's stand-in. Seconds
 * after this process has ended, it removes every container, network and volume with the run's label.
 *
 * Ryuk obeys anyone who connects to its port, so it runs only if that port is on loopback.
 *
 * @returns undefined if `TESTCONTAINERS_RYUK_DISABLED` is `true`.
 * @throws EngineError if the reaper does not start, or does not acknowledge the run.
 */
export async function startReaper(context: BuildContext, runId: string): Promise<Reaper | undefined> {
  const { engine, say } = context;
  if (process.env.TESTCONTAINERS_RYUK_DISABLED === 'true') {
    say(
      'reaper: none, because TESTCONTAINERS_RYUK_DISABLED=true; a run that is killed leaves its containers',
    );
    return undefined;
  }
  const ryuk = await ryukImage(engine, say);
  return ryuk === undefined ? startStandIn(context, runId) : startRyuk(engine, ryuk, runId);
}

async function startRyuk(engine: Engine, image: string, runId: string): Promise<Reaper> {
  const container = new ReaperContainer(image, engine, runId)
    .withExposedPorts(RYUK_PORT)
    .withEnvironment({ RYUK_RECONNECTION_TIMEOUT: '2s', RYUK_CONNECTION_TIMEOUT: '10s' });
  return hold(engine, container, runId, (started) =>
    connected(started.getHost(), started.getMappedPort(RYUK_PORT)),
  );
}

/**
 * Starts the stand-in for Ryuk. It has no port: this process attaches to its standard input, through the engine, on any
 * machine. The engine closes that input when this process ends.
 *
 * @throws EngineError if the stand-in does not start, or does not acknowledge the run.
 */
export async function startStandIn(context: BuildContext, runId: string): Promise<Reaper> {
  const { engine, options } = context;
  const made = await image(context, options.release, { folder: 'reaper' });
  const container = new StandInContainer(made, engine, runId)
    .withNetworkMode('none')
    .withEnvironment({ LABEL: labelOf(runId) });
  return hold(engine, container, runId, async (started) => {
    const attached = await engine.container
      .getById(started.getId())
      .attach({ stream: true, stdin: true, stdout: true, hijack: true });
    return attached as Socket;
  });
}

class ReaperContainer extends RunContainer {
  constructor(image: string, engine: Engine, runId: string) {
    super(image, engine, runId);
    this.withBindMounts([
      { source: engine.info.containerRuntime.remoteSocketPath, target: '/var/run/docker.sock' },
    ]).withWaitStrategy(Wait.forLogMessage(/Started/));
  }

  protected override async beforeContainerCreated(): Promise<void> {
    await super.beforeContainerCreated();
    this.hostConfig.AutoRemove = true;
    this.hostConfig.Privileged = process.env.TESTCONTAINERS_RYUK_PRIVILEGED === 'true';
    // With the run's label it would remove itself first.
    if (this.createOpts.Labels) delete this.createOpts.Labels[RUN_LABEL];
  }
}

class StandInContainer extends ReaperContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    await super.beforeContainerCreated();
    // StdinOnce: its standard input is closed when the attached client is gone.
    Object.assign(this.createOpts, { OpenStdin: true, StdinOnce: true });
  }
}

function labelOf(runId: string): string {
  return `${RUN_LABEL}=${runId}`;
}

/** Starts a reaper and connects to it. A reaper without a connection is removed. */
async function hold(
  engine: Engine,
  container: GenericContainer,
  runId: string,
  open: (started: StartedTestContainer) => Promise<Socket>,
): Promise<Reaper> {
  let started: StartedTestContainer | undefined;
  let socket: Socket | undefined;
  const kill = async () => started && engine.container.getById(started.getId()).kill();
  try {
    started = await container.start();
    socket = await open(started);
    socket.on('error', () => undefined).setKeepAlive(true, KEEP_ALIVE_MS);
    await acknowledged(socket, labelOf(runId));
  } catch (error) {
    socket?.destroy();
    await kill().catch(() => undefined);
    throw new EngineError(
      `there is no reaper: ${(error as Error).message}; TESTCONTAINERS_RYUK_DISABLED=true runs without one`,
    );
  }
  socket.unref();
  return {
    stop: async () => {
      // Before the connection is closed, because the reaper then ends and removes itself.
      await kill();
      socket.destroy();
    },
  };
}

/**
 * Sends a run's label to a reaper in Ryuk's protocol, and waits for the acknowledgement.
 *
 * @throws Error if there is no acknowledgement in time, or the reaper hangs up.
 */
export async function acknowledged(socket: Socket, label: string, limitMs = ANSWER_LIMIT_MS): Promise<void> {
  socket.write(`label=${label}\n`);
  const limit = AbortSignal.timeout(limitMs);
  let answer = '';
  try {
    for await (const [data] of on(socket, 'data', { signal: limit, close: ['close'] })) {
      answer += data;
      if (answer.includes('ACK')) return;
    }
  } catch (error) {
    if (!limit.aborted) throw error;
    throw new Error(`it did not acknowledge the run within ${limitMs / 1000} s`);
  }
  throw new Error('it hung up before it had acknowledged the run');
}

/** The name of Ryuk's image, if the image is available and Ryuk may run. */
async function ryukImage(engine: Engine, say: Log): Promise<string | undefined> {
  const { RYUK_CONTAINER_IMAGE: named } = process.env;
  const { publishedOn } = engine;
  if (publishedOn === undefined || !isLoopback(publishedOn)) {
    if (named) {
      say(
        `reaper: the suite’s own, not RYUK_CONTAINER_IMAGE, whose port would be open on ${publishedOn ?? 'every address of the engine’s machine'}`,
      );
    }
    return undefined;
  }
  if (named) return named;
  if (await imageId(engine, ImageName.fromString(RYUK).string)) return RYUK;
  const { dockerode } = engine.container;
  const ownExists = (await dockerode.listImages({ filters: { reference: [`${OWN}/reaper`] } })).length > 0;
  if (ownExists) return undefined;
  // Without a registry the stand-in does the same.
  return pull(engine, RYUK, say).then(
    () => RYUK,
    () => undefined,
  );
}

async function connected(host: string, port: number): Promise<Socket> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const socket = connect(port, host);
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`it does not answer on ${host}:${port}`);
}
