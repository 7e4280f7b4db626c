import { randomBytes } from 'node:crypto';
import type { StartedTestContainer } from 'testcontainers';
import type { Application } from '../applications/application.ts';
import { applicationOfRun } from '../applications/own-application.ts';
import { type DebianRelease, newestStable, type Options } from '../config/options.ts';
import { lookUpParts } from '../config/part-files.ts';
import { PartError, type Parts } from '../config/parts.ts';
import {
  type Deployment,
  type DeploymentRow,
  deployment,
  deploymentName,
  RefusedError,
} from '../deployment/deployment.ts';
import { containerEnd } from '../engine/container-end.ts';
import { connectEngine, type Engine, EngineError, findEngine } from '../engine/engine.ts';
import { type BuildOptions, builtImage, image, type Layer } from '../engine/images.ts';
import { makerOf } from '../engine/known-engines.ts';
import type { Log } from '../engine/log.ts';
import { Memo } from '../engine/memo.ts';
import { imageWithParts } from '../engine/part-image.ts';
import { withProgress } from '../engine/progress.ts';
import { startReaper } from '../engine/reaper.ts';
import { wordsOnMemory } from '../engine/room.ts';
import { RUN_LABEL, runLabels } from '../engine/run-container.ts';
import { Broker, type BrokerDescription, type VirtualHost } from './broker.ts';
import { ClientContainer } from './client-container.ts';
import { type Executed, type ExecuteOptions, execute } from './execute.ts';
import { LabError } from './lab-error.ts';
import { RabbitMQContainer, type StartedRabbitMQContainer } from './rabbitmq-container.ts';
import { removeDeadRuns, removeRun } from './removal.ts';
import {
  type Prepare,
  ServerContainer,
  type StartedServerContainer,
  servedLayer,
} from './server-container.ts';
import { Slots } from './slots.ts';
import { dealSlots, SlotsOfRun } from './slots-of-run.ts';
import { within } from './until.ts';

const broker: Layer = { folder: 'rabbitmq' };
const client: Layer = { folder: 'client' };
/** Of a container whose image is there. */
const START_LIMIT_MS = 60_000;

/** All that a test worker needs to find the parts of a run. Plain data. */
export interface LabDescription {
  readonly runId: string;
  readonly options: Options & BuildOptions;
  /** What every row is served with in place of the distribution's, as it was when the run began. */
  readonly parts: Parts;
  readonly network: string;
  readonly broker: BrokerDescription;
  /** Milliseconds that each step of the start took. */
  readonly timings: Readonly<Record<string, number>>;
}

/** The parts that are started once for a run, in the process that owns it. */
export interface RunningLab {
  readonly description: LabDescription;
  /**
   * Settles, in a sentence, when what no cell can do without is gone: the run's broker, or the engine. It never
   * settles where the run was stopped before.
   */
  readonly lost: Promise<string>;
  /** Builds what of the deployments' images is missing, one at a time, beside the rows that need none of it. */
  buildAhead(deployments: readonly Deployment[]): Promise<void>;
  /** Removes all that the run started; images stay. @throws EngineError where the engine does not. */
  stop(): Promise<void>;
  /** Removes nothing, and says how to get into what is left. */
  keep(say: Log): Promise<void>;
}

/**
 * Starts engine (if need be), reaper, network and broker; builds images that are missing.
 *
 * @param first a deployment whose image is built before any row is executed; by default, what serves most rows.
 * @throws PartError or ApplicationError, before anything is started, for a part of every row that is not there, and
 *   for an application of the user's own that cannot be used.
 */
export async function startLab(given: Options, say: Log, first?: Deployment): Promise<RunningLab> {
  const timings: Record<string, number> = {};
  const timed = async <T>(step: string, work: Promise<T>): Promise<T> => {
    const began = Date.now();
    const result = await withProgress(step, () => work);
    timings[step] = Date.now() - began;
    return result;
  };

  const parts = lookUpParts(given.parts ?? {});
  const own = applicationOfRun(given);
  const runId = randomBytes(4).toString('hex');
  const options: Options & BuildOptions = { ...given, ...(given.rebuild && { notBefore: Date.now() }) };
  const engine = await timed('engine', findEngine(options, say));
  const little = wordsOnMemory({ memory: engine.info.containerRuntime.memory / 1e9 });
  if (little) say(little);
  const make = (layer: Layer, release = options.release) => image(engine, options, release, layer, say);
  const ordinary = ordinaryDeployment({ parts, ...(own && { application: own.name }) });
  // Whether a part can be had is each row's to say: another release may have what this one lacks.
  const served = servedImage(engine, options, first ?? ordinary, say).catch(unlessPart);
  // What every run needs; what only some rows are served with is made when it is asked for.
  const [[rabbitmq], reaper] = await Promise.all([
    timed('images', Promise.all([make(broker, newestStable), served, make(client)])),
    // With KEEP there must be nobody who cleans up.
    options.keep ? undefined : timed('reaper', startReaper(engine, options, runId, say)),
    removeDeadRuns(engine, say),
  ]);
  const slots = new Slots();
  const dealing = dealSlots(runId, slots);
  const network = `mpm-heartbeat-${runId}`;
  const over = new AbortController();
  const stop = async () => {
    over.abort();
    dealing[Symbol.dispose]();
    try {
      await removeRun(engine, runId);
      await reaper?.stop();
    } catch (error) {
      const { message } = error as Error;
      throw new EngineError(
        `what carries the label ${RUN_LABEL}=${runId} could not be removed (${message}); the next run removes it`,
      );
    }
  };
  try {
    await engine.network.create({ Name: network, Driver: 'bridge', Labels: runLabels(runId) });
    const started = await timed(
      'broker',
      new RabbitMQContainer(rabbitmq, engine, runId, network, 'broker').start(),
    );
    const description: LabDescription = {
      runId,
      options,
      parts,
      network,
      broker: started.description,
      timings,
    };
    const lost = containerEnd(engine, started.getId(), over.signal).then(
      (how) => `The run’s broker ${how}. What was decided stands; nothing can be said of the rest.`,
    );
    const keep = (toUser: Log) => {
      over.abort();
      return sayWhatIsKept(engine, runId, toUser);
    };
    const buildAhead = (deployments: readonly Deployment[]) =>
      buildMissing(engine, options, deployments, slots, over.signal, say);
    return { description, lost, buildAhead, stop, keep };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What most rows are served with; its image matters, and not whether the application can be served so. */
function ordinaryDeployment(rest: Pick<DeploymentRow, 'application' | 'parts'>): Deployment {
  try {
    return deployment({ mpm: 'prefork', processes: 1, threads: 1, ...rest });
  } catch (error) {
    if (error instanceof RefusedError) return error.deployment;
    throw error;
  }
}

/**
 * The image that a deployment is served from.
 *
 * @throws PartError where a part of it cannot be built or imported.
 */
function servedImage(
  engine: Engine,
  options: Options & BuildOptions,
  deployment: Deployment,
  say: Log,
  layer = servedLayer(deployment),
): Promise<string> {
  const { release = options.release, parts } = deployment;
  return parts
    ? imageWithParts(engine, options, release, layer, parts, say)
    : image(engine, options, release, layer, say);
}

/** An image that a run needs. */
interface NeededImage {
  readonly layer: Layer;
  readonly release: DebianRelease;
}

/** What deployments are served from, each image once; parts are laid over it when a row asks for them. */
function imagesOf(options: Options, deployments: readonly Deployment[]): NeededImage[] {
  const needed = deployments.map((deployment) => ({
    layer: servedLayer(deployment),
    release: deployment.release ?? options.release,
  }));
  return [...new Map(needed.map((it) => [JSON.stringify([it.release, it.layer]), it])).values()];
}

async function buildMissing(
  engine: Engine,
  options: Options & BuildOptions,
  deployments: readonly Deployment[],
  slots: Slots,
  over: AbortSignal,
  say: Log,
): Promise<void> {
  const needed = imagesOf(options, deployments);
  const missing: NeededImage[] = [];
  for (const it of needed) {
    if (!(await builtImage(engine, options, it.release, it.layer))) missing.push(it);
  }
  if (missing.length === 0) return;
  say(
    `images: ${missing.length} of ${needed.length} are missing; they are built one by one while rows run whose image is there`,
  );
  const began = Date.now();
  let built = 0;
  for (const { layer, release } of missing) {
    const end = await slots.take('image');
    try {
      if (over.aborted) return;
      await image(engine, options, release, layer, say);
      built++;
    } catch {
      // The row that needs it says why it cannot be built.
    } finally {
      end();
    }
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  say(`images: ${built} of the ${missing.length} that were missing are there, after ${seconds} s`);
}

function topped(layer: Layer, top: string | undefined): Layer {
  return top === undefined ? layer : { folder: top, on: layer };
}

function unlessPart(error: unknown): PartError {
  if (error instanceof PartError) return error;
  throw error;
}

/** The lab as a test worker sees it. */
export class Lab implements AsyncDisposable {
  private readonly clients = new Memo<'client', StartedTestContainer>();
  /** Images that the engine has, by what they are made of. */
  private readonly built = new Memo<string, string | undefined>();
  /** By what they are made of; why a part cannot be had is kept as well. */
  private readonly served = new Memo<string, string | PartError>();

  private constructor(
    readonly engine: Engine,
    readonly description: LabDescription,
    readonly broker: Broker,
    readonly slots: SlotsOfRun,
    /** The container of a broker that is this lab's alone. */
    private readonly own?: StartedRabbitMQContainer,
    /** A folder with a Dockerfile: a layer that broker and servers have on top. */
    private readonly top?: string,
  ) {}

  /** @throws EngineError where the engine has gone since the run began. */
  static async connect(description: LabDescription): Promise<Lab> {
    const engine = await connectEngine().catch((error: Error) => {
      throw new EngineError(`The engine does not answer any more: ${error.message}`);
    });
    const broker = await Broker.attach(engine, description.broker, 'now');
    return new Lab(engine, description, broker, new SlotsOfRun(description.runId));
  }

  /**
   * Builds what a row needs and is missing, in its turn, before the row takes a slot. What cannot be built is left to
   * the row's own start, which says why.
   */
  async prepare(deployments: readonly Deployment[]): Promise<void> {
    await Promise.all(
      deployments.map(async (deployment) => {
        if (await this.isThere(deployment)) return;
        await this.slots.take('image', () => this.servedImage(deployment)).catch(() => undefined);
      }),
    );
  }

  /** Whether the engine has the image of a deployment; of one with parts nobody knows before it is built. */
  private async isThere(deployment: Deployment): Promise<boolean> {
    const { options } = this.description;
    const { release = options.release, parts } = deployment;
    if (parts !== undefined) return false;
    const layer = this.layerOf(deployment);
    const key = JSON.stringify([release, layer]);
    // Rows that ask at the same time share one look, and go on in the order in which they asked.
    const name = await this.built
      .get(key, () => builtImage(this.engine, options, release, layer))
      .catch(() => undefined);
    if (name === undefined) this.built.forget(key);
    return name !== undefined;
  }

  /**
   * Starts a deployment of the application, with a virtual host of its own.
   *
   * @throws LabError where its container does not start.
   * @throws PartError where a part of it cannot be built or imported.
   */
  async serve(
    deployment: Deployment,
    virtualHost: VirtualHost,
    application: Application,
    prepare?: Prepare,
  ): Promise<StartedServerContainer> {
    const { runId, network, options } = this.description;
    const container = new ServerContainer({
      image: await this.servedImage(deployment),
      engine: this.engine,
      runId,
      network,
      deployment,
      application,
      brokerUrl: virtualHost.brokerUrl,
      broker: this.broker.host,
      keep: options.keep,
    });
    container.withLabels({ 'mpm-heartbeat.deployment': deploymentName(deployment) });
    prepare?.(container);
    try {
      return await within('the engine to start it', START_LIMIT_MS, container.start());
    } catch (error) {
      throw new LabError(`its container did not start: ${(error as Error).message}`);
    }
  }

  /**
   * The same lab with a broker of its own, for what would disturb the others' or needs another release: the broker
   * goes with it. Engine, images and slots are shared.
   *
   * @param top a folder with a Dockerfile: a layer that broker and servers have on top. A fault planted on purpose.
   */
  async withOwnBroker(release: DebianRelease = newestStable, top = this.top): Promise<Lab> {
    const { runId, network } = this.description;
    const image = await this.image(topped(broker, top), release);
    const alias = `broker-${randomBytes(3).toString('hex')}`;
    const container = await new RabbitMQContainer(image, this.engine, runId, network, alias)
      // for its packet filter
      .withAddedCapabilities('NET_ADMIN');
    const started = await within('the engine to start a broker', START_LIMIT_MS, container.start());
    const own = await Broker.attach(this.engine, started.description, 'first line');
    return new Lab(this.engine, this.description, own, this.slots, started, top);
  }

  /** Runs a program in the client's container, which is started when it is first needed. @throws LabError where it fails. */
  async ask(command: readonly string[], options?: ExecuteOptions): Promise<Executed> {
    const client = await this.clients.get('client', () => this.startClient());
    return execute(this.engine, client.getId(), command, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.broker[Symbol.dispose]();
    // What cannot be stopped here goes with the run, and is complained of then.
    const containers = [...this.clients.all(), ...(this.own ? [this.own] : [])];
    await Promise.allSettled(containers.map(async (it) => (await it).stop()));
    if (!this.own) this.slots[Symbol.dispose]();
  }

  private async startClient(): Promise<StartedTestContainer> {
    const { runId, network, options } = this.description;
    const image = await this.image(client, options.release);
    const container = new ClientContainer(image, this.engine, runId, network);
    return within('the engine to start the client’s container', START_LIMIT_MS, container.start());
  }

  private async servedImage(deployment: Deployment): Promise<string> {
    const { release, parts } = deployment;
    const layer = this.layerOf(deployment);
    const made = await this.served.get(JSON.stringify([release, layer, parts]), () =>
      servedImage(this.engine, this.description.options, deployment, logInWorker, layer).catch(unlessPart),
    );
    if (made instanceof PartError) throw made;
    return made;
  }

  private layerOf(deployment: Deployment): Layer {
    return topped(servedLayer(deployment), this.top);
  }

  private image(layer: Layer, release: DebianRelease): Promise<string> {
    return image(this.engine, this.description.options, release, layer, logInWorker);
  }
}

/** Vitest hands it on to the reporters, with the name of the test that waits for it. */
const logInWorker: Log = (line) => {
  // biome-ignore lint/suspicious/noConsole: a worker has no other way to the user
  console.info(line);
};

async function sayWhatIsKept(engine: Engine, runId: string, say: Log): Promise<void> {
  const { dockerode } = engine.container;
  const containers = await dockerode.listContainers({
    all: true,
    filters: { label: [`${RUN_LABEL}=${runId}`] },
  });
  const program = makerOf(await dockerode.version()).toLowerCase();
  say(`kept, since MPM_HEARTBEAT_KEEP=1 and the run failed:`);
  for (const { Id, Image, Labels } of containers) {
    say(`  ${program} exec -it ${Id.slice(0, 12)} bash   # ${Labels['mpm-heartbeat.deployment'] ?? Image}`);
  }
  say(
    `remove with: ${program} rm -fv $(${program} ps -aqf label=${RUN_LABEL}=${runId}) && ${program} network rm mpm-heartbeat-${runId}`,
  );
}
