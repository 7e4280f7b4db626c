import { randomBytes } from 'node:crypto';
import type { StartedTestContainer } from 'testcontainers';
import type { Application } from '../applications/application.ts';
import { applicationOfRun } from '../applications/own-application.ts';
import { grouped } from '../config/grouped.ts';
import { type DebianRelease, newestStable, type Options } from '../config/options.ts';
import { lookUpParts } from '../config/part-files.ts';
import { PartError, type Parts } from '../config/parts.ts';
import {
  type Deployment,
  type DeploymentInput,
  deployment,
  deploymentName,
  RefusedError,
  servedBy,
} from '../deployment/deployment.ts';
import type { BuildContext, BuildOptions } from '../engine/base-image.ts';
import { containerEnd } from '../engine/container-end.ts';
import { connectEngine, type Engine, EngineError, findEngine } from '../engine/engine.ts';
import { wordsOnMemory } from '../engine/free-space.ts';
import { builtImage, image, type Layer } from '../engine/images.ts';
import { makerOf } from '../engine/known-engines.ts';
import type { Log } from '../engine/log.ts';
import { Memo } from '../engine/memo.ts';
import { imageWithParts } from '../engine/part-image.ts';
import { startReaper } from '../engine/reaper.ts';
import { RUN_LABEL, runLabels } from '../engine/run-container.ts';
import { withProgress } from '../engine/set-up-progress.ts';
import { Broker, type BrokerDescription, type VirtualHost } from './broker.ts';
import { ClientContainer } from './client-container.ts';
import { type CommandOptions, type Executed, execute } from './execute.ts';
import { LabError } from './lab-error.ts';
import { brokerLayer, clientLayer, servedLayer } from './layers.ts';
import { RabbitMQContainer, type StartedRabbitMQContainer } from './rabbitmq-container.ts';
import { removeDeadRuns, removeRun } from './removal.ts';
import { type ChangeContainer, ServerContainer, type StartedServerContainer } from './server-container.ts';
import { Slots } from './slots.ts';
import { dealSlots, SlotsOfRun } from './slots-of-run.ts';
import { within } from './until.ts';

/** The limit of a container's start, without the build of its image. */
const START_LIMIT_MS = 60_000;

/** Everything that a test worker needs to find the parts of a run, as plain data. */
export interface LabDescription {
  readonly runId: string;
  readonly options: Options & BuildOptions;
  /** The parts of every row, as they were when the run began. */
  readonly parts: Parts;
  readonly network: string;
  readonly broker: BrokerDescription;
  /** Milliseconds that each step of the start took. */
  readonly timings: Readonly<Record<string, number>>;
}

/** The lab in the process that owns the run. */
export interface RunningLab {
  readonly description: LabDescription;
  /**
   * Settles with a sentence when the run's broker or the engine is gone, without which no row can be executed. It never
   * settles if the run is stopped first.
   */
  readonly lost: Promise<string>;
  /** Builds the deployments' missing images, beside rows that do not need them (slots.ts). */
  buildAhead(deployments: readonly Deployment[]): Promise<void>;
  /** Removes everything that the run started; images stay. @throws EngineError if the engine fails. */
  stop(): Promise<void>;
  /** Removes nothing, and prints how to get into the containers. */
  keep(say: Log): Promise<void>;
}

/**
 * Starts engine (if necessary), reaper, network and broker, and builds the images that every run needs.
 *
 * @param first a deployment whose image is built before any row is executed; by default the deployment of most rows.
 * @throws PartError before anything is started, if a part of every row is missing.
 * @throws ApplicationError before anything is started, if the user's own application cannot be used.
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
  const context = { engine, options, say };
  const ordinary = ordinaryDeployment(servedBy(own, { mpm: 'prefork', processes: 1, threads: 1, parts }));
  // A part that cannot be built or imported is each row's own error, because the part may build on another release.
  const served = servedImage(context, first ?? ordinary).catch(unlessPart);
  const [[rabbitmq], reaper] = await Promise.all([
    timed(
      'images',
      Promise.all([
        image(context, newestStable, brokerLayer),
        served,
        image(context, options.release, clientLayer),
      ]),
    ),
    // A reaper would remove the containers that KEEP keeps.
    options.keep ? undefined : timed('reaper', startReaper(context, runId)),
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
        `containers or networks with the label ${RUN_LABEL}=${runId} could not be removed (${message}); the next run removes them`,
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
      (how) => `The run’s broker ${how}. Verdicts until now are valid; the other rows were not executed.`,
    );
    const keep = (toUser: Log) => {
      over.abort();
      return sayWhatIsKept(engine, runId, toUser);
    };
    const buildAhead = (deployments: readonly Deployment[]) =>
      buildMissing(context, deployments, slots, over.signal);
    return { description, lost, buildAhead, stop, keep };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The deployment of most rows. Only its image is used, so it does not matter whether the application can be served so. */
function ordinaryDeployment(input: DeploymentInput): Deployment {
  try {
    return deployment(input);
  } catch (error) {
    if (error instanceof RefusedError) return error.deployment;
    throw error;
  }
}

/**
 * Builds the image of a deployment if it is missing.
 *
 * @throws PartError if a part of it cannot be built or imported.
 */
function servedImage(
  context: BuildContext,
  deployment: Deployment,
  layer = servedLayer(deployment),
): Promise<string> {
  const { release = context.options.release, parts } = deployment;
  return parts ? imageWithParts(context, release, layer, parts) : image(context, release, layer);
}

/** Builds the deployments' missing images without parts; a row with parts builds its own. */
async function buildMissing(
  context: BuildContext,
  deployments: readonly Deployment[],
  slots: Slots,
  over: AbortSignal,
): Promise<void> {
  using _ = slots.expectImages();
  const { options, say } = context;
  const all = deployments.flatMap((deployment) => [
    { layer: brokerLayer, release: deployment.broker },
    { layer: servedLayer(deployment), release: deployment.release ?? options.release },
  ]);
  const needed = [...new Map(all.map((needs) => [JSON.stringify(needs), needs])).values()];
  const missing: typeof needed = [];
  for (const needs of needed) {
    if (!(await builtImage(context, needs.release, needs.layer))) missing.push(needs);
  }
  if (missing.length === 0) return;
  say(`images: ${missing.length} of ${needed.length} are missing; they are built while the other rows run`);
  const began = Date.now();
  let built = 0;
  const build = async ({ layer, release }: (typeof missing)[number]) => {
    const end = await slots.take(`image of ${release}`);
    try {
      if (over.aborted) return;
      await image(context, release, layer);
      built++;
    } catch {
      // The row that needs the image reports the error.
    } finally {
      end();
    }
  };
  // Rows that wait for an image of the same release take their turns in between.
  await Promise.all(
    [...grouped(missing, ({ release }) => release).values()].map(async (ofRelease) => {
      for (const needs of ofRelease) await build(needs);
    }),
  );
  if (over.aborted) return;
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  say(`images: ${built} of the ${missing.length} missing images were built in ${seconds} s`);
}

function topped(layer: Layer, top: string | undefined): Layer {
  return top === undefined ? layer : { folder: top, on: layer };
}

function unlessPart(error: unknown): PartError {
  if (error instanceof PartError) return error;
  throw error;
}

/** The lab in a test worker. */
export class Lab implements AsyncDisposable {
  private readonly clients = new Memo<'client', StartedTestContainer>();
  /** Images that the engine has, by release and layer. */
  private readonly built = new Memo<string, string | undefined>();
  /** Images by release, layer and parts; the error of a part is kept as well. */
  private readonly served = new Memo<string, string | PartError>();

  private constructor(
    readonly engine: Engine,
    readonly description: LabDescription,
    readonly broker: Broker,
    readonly slots: SlotsOfRun,
    /** The container of this lab's own broker. */
    private readonly own?: StartedRabbitMQContainer,
    /** The folder of a layer on top of broker and servers. */
    private readonly top?: string,
  ) {}

  /** Connects a worker to the lab of its run. @throws EngineError if the engine has gone since the run began. */
  static async connect(description: LabDescription): Promise<Lab> {
    const engine = await connectEngine().catch((error: Error) => {
      throw new EngineError(`The engine has stopped answering: ${error.message}`);
    });
    const broker = await Broker.attach(engine, description.broker, 'now');
    return new Lab(engine, description, broker, new SlotsOfRun(description.runId));
  }

  /**
   * Builds a row's missing images, each in a slot, before the row itself takes a slot. Errors are left to the row's own
   * start, which reports them.
   */
  async buildImages(deployments: readonly Deployment[]): Promise<void> {
    const { options } = this.description;
    const ofBroker = topped(brokerLayer, this.top);
    const build = (release: DebianRelease, work: () => Promise<string>) =>
      this.slots.take(`image of ${release}`, work).catch(() => undefined);
    await Promise.all(
      deployments.map(async (deployment) => {
        const { release = options.release, broker, parts } = deployment;
        if (!(await this.isBuilt(broker, ofBroker))) {
          await build(broker, () => image(this.context, broker, ofBroker));
        }
        if (parts !== undefined || !(await this.isBuilt(release, this.layerOf(deployment)))) {
          await build(release, () => this.servedImage(deployment));
        }
      }),
    );
  }

  /** Whether the engine has an image. */
  private async isBuilt(release: DebianRelease, layer: Layer): Promise<boolean> {
    const key = JSON.stringify([release, layer]);
    // Rows that ask at the same time share one answer, and continue in the order in which they asked.
    const name = await this.built
      .get(key, () => builtImage(this.context, release, layer))
      .catch(() => undefined);
    if (name === undefined) this.built.forget(key);
    return name !== undefined;
  }

  /**
   * Starts a deployment with its application, which uses `virtualHost`.
   *
   * @throws LabError if its container does not start.
   * @throws PartError if a part of it cannot be built or imported.
   */
  async serve(
    deployment: Deployment,
    virtualHost: VirtualHost,
    application: Application,
    change?: ChangeContainer,
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
    change?.(container);
    try {
      return await within('the engine to start it', START_LIMIT_MS, container.start());
    } catch (error) {
      throw new LabError(`its container did not start: ${(error as Error).message}`);
    }
  }

  /**
   * The same lab with its own broker, for a fault that would affect other rows, or for a broker of another release. The
   * broker is removed with this lab. Engine, images and slots are shared.
   *
   * @param top the folder of a layer on top of broker and servers: a planted fault.
   */
  async withOwnBroker(release: DebianRelease = newestStable, top = this.top): Promise<Lab> {
    const { runId, network } = this.description;
    const brokerImage = await image(this.context, release, topped(brokerLayer, top));
    const alias = `broker-${randomBytes(3).toString('hex')}`;
    const container = await new RabbitMQContainer(brokerImage, this.engine, runId, network, alias)
      // For its packet filter.
      .withAddedCapabilities('NET_ADMIN');
    const started = await within('the engine to start a broker', START_LIMIT_MS, container.start());
    const own = await Broker.attach(this.engine, started.description, 'first line');
    return new Lab(this.engine, this.description, own, this.slots, started, top);
  }

  /** Runs a program in the client's container, which is started when it is first needed. @throws LabError if it fails. */
  async runInClient(command: readonly string[], options?: CommandOptions): Promise<Executed> {
    const client = await this.clients.get('client', () => this.startClient());
    return execute(this.engine, client.getId(), command, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.broker[Symbol.dispose]();
    // A container that does not stop here is removed with the run, which reports errors.
    const containers = [...this.clients.all(), ...(this.own ? [this.own] : [])];
    await Promise.allSettled(containers.map(async (container) => (await container).stop()));
    if (!this.own) this.slots[Symbol.dispose]();
  }

  private async startClient(): Promise<StartedTestContainer> {
    const { runId, network, options } = this.description;
    const clientImage = await image(this.context, options.release, clientLayer);
    const container = new ClientContainer(clientImage, this.engine, runId, network);
    return within('the engine to start the client’s container', START_LIMIT_MS, container.start());
  }

  private async servedImage(deployment: Deployment): Promise<string> {
    const { release, parts } = deployment;
    const layer = this.layerOf(deployment);
    const made = await this.served.get(JSON.stringify([release, layer, parts]), () =>
      servedImage(this.context, deployment, layer).catch(unlessPart),
    );
    if (made instanceof PartError) throw made;
    return made;
  }

  private layerOf(deployment: Deployment): Layer {
    return topped(servedLayer(deployment), this.top);
  }

  private get context(): BuildContext {
    return { engine: this.engine, options: this.description.options, say: logInWorker };
  }
}

/** Prints a line. Vitest passes it to the reporters, with the name of the test that waits. */
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
  say('kept, because MPM_HEARTBEAT_KEEP=1 and the run failed:');
  for (const { Id, Image, Labels } of containers) {
    say(`  ${program} exec -it ${Id.slice(0, 12)} bash   # ${Labels['mpm-heartbeat.deployment'] ?? Image}`);
  }
  say(
    `remove with: ${program} rm -fv $(${program} ps -aqf label=${RUN_LABEL}=${runId}) && ${program} network rm mpm-heartbeat-${runId}`,
  );
}
