import { randomBytes } from 'node:crypto';
import type { StartedTestContainer } from 'testcontainers';
import type { Application } from '../applications/application.ts';
import { type DebianRelease, newestStable, type Options } from '../config/options.ts';
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
import { type BuildOptions, image, type Layer } from '../engine/images.ts';
import { Kept } from '../engine/kept.ts';
import { makerOf } from '../engine/known-engines.ts';
import { applicationOfRun } from '../engine/own-application.ts';
import { imageWithParts, lookUpParts } from '../engine/parts.ts';
import { during } from '../engine/progress.ts';
import { startReaper } from '../engine/reaper.ts';
import { wordsOnMemory } from '../engine/room.ts';
import { RUN_LABEL, runLabels } from '../engine/run-container.ts';
import type { Say } from '../engine/say.ts';
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
import { dealTurns, TurnsOfRun } from './turns-of-run.ts';
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
  /** Removes all that the run started; images stay. @throws EngineError where the engine does not. */
  stop(): Promise<void>;
  /** Removes nothing, and says how to get into what is left. */
  keep(say: Say): Promise<void>;
}

/**
 * Starts engine (if need be), reaper, network and broker; builds images that are missing.
 *
 * @param first whose image is made before anything is played; what most rows are served with where it is not said.
 * @throws PartError or ApplicationError, before anything is started, for a part of every row that is not there, and
 *   for an application of the user's own that cannot be used.
 */
export async function startLab(given: Options, say: Say, first?: Deployment): Promise<RunningLab> {
  const timings: Record<string, number> = {};
  const timed = async <T>(step: string, work: Promise<T>): Promise<T> => {
    const began = Date.now();
    const result = await during(step, () => work);
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
  const turns = dealTurns(runId);
  const network = `mpm-heartbeat-${runId}`;
  const over = new AbortController();
  const stop = async () => {
    over.abort();
    turns[Symbol.dispose]();
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
    const keep = (toUser: Say) => {
      over.abort();
      return sayWhatIsKept(engine, runId, toUser);
    };
    return { description, lost, stop, keep };
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
  say: Say,
  layer = servedLayer(deployment),
): Promise<string> {
  const { release = options.release, parts } = deployment;
  return parts
    ? imageWithParts(engine, options, release, layer, parts, say)
    : image(engine, options, release, layer, say);
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
  private readonly clients = new Kept<'client', StartedTestContainer>();
  /** By what they are made of; why a part cannot be had is kept as well. */
  private readonly served = new Kept<string, string | PartError>();

  private constructor(
    readonly engine: Engine,
    readonly description: LabDescription,
    readonly broker: Broker,
    readonly turns: TurnsOfRun,
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
    return new Lab(engine, description, broker, new TurnsOfRun(description.runId));
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
   * goes with it. Engine, images and turns are shared.
   *
   * @param top a folder with a Dockerfile: a layer that broker and servers have on top. A fault planted on purpose.
   */
  async apart(release: DebianRelease = newestStable, top = this.top): Promise<Lab> {
    const { runId, network } = this.description;
    const image = await this.image(topped(broker, top), release);
    const alias = `broker-${randomBytes(3).toString('hex')}`;
    const container = await new RabbitMQContainer(image, this.engine, runId, network, alias)
      // for its packet filter
      .withAddedCapabilities('NET_ADMIN');
    const started = await within('the engine to start a broker', START_LIMIT_MS, container.start());
    const own = await Broker.attach(this.engine, started.description, 'first line');
    return new Lab(this.engine, this.description, own, this.turns, started, top);
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
    if (!this.own) this.turns[Symbol.dispose]();
  }

  private async startClient(): Promise<StartedTestContainer> {
    const { runId, network, options } = this.description;
    const image = await this.image(client, options.release);
    const container = new ClientContainer(image, this.engine, runId, network);
    return within('the engine to start the client’s container', START_LIMIT_MS, container.start());
  }

  private async servedImage(deployment: Deployment): Promise<string> {
    const { release, parts } = deployment;
    const layer = topped(servedLayer(deployment), this.top);
    const made = await this.served.get(JSON.stringify([release, layer, parts]), () =>
      servedImage(this.engine, this.description.options, deployment, sayInWorker, layer).catch(unlessPart),
    );
    if (made instanceof PartError) throw made;
    return made;
  }

  private image(layer: Layer, release: DebianRelease): Promise<string> {
    return image(this.engine, this.description.options, release, layer, sayInWorker);
  }
}

/** Vitest hands it on to the reporters, with the name of the test that waits for it. */
const sayInWorker: Say = (line) => {
  // biome-ignore lint/suspicious/noConsole: a worker has no other way to the user
  console.info(line);
};

async function sayWhatIsKept(engine: Engine, runId: string, say: Say): Promise<void> {
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
