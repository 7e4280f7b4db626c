import { randomBytes } from 'node:crypto';
import type { ExecResult, StartedTestContainer } from 'testcontainers';
import { getContainerRuntimeClient } from 'testcontainers';
import { type Application, stubApi } from '../config/application.ts';
import type { Deployment } from '../config/deployment.ts';
import { deploymentName } from '../config/deployment.ts';
import type { DebianRelease, Options } from '../config/options.ts';
import { type Engine, findEngine } from '../engine/engine.ts';
import { type BuildOptions, type ImageKind, images } from '../engine/images.ts';
import { during } from '../engine/progress.ts';
import { startReaper } from '../engine/reaper.ts';
import { RUN_LABEL } from '../engine/run-container.ts';
import type { Say } from '../engine/say.ts';
import { Broker, type BrokerDescription, type VirtualHost } from './broker.ts';
import { ClientContainer } from './client-container.ts';
import { HttpdContainer } from './httpd-container.ts';
import { RabbitMQContainer } from './rabbitmq-container.ts';
import type { StartedServerContainer } from './server-container.ts';
import { dealTurns, TurnsOfRun } from './turns-of-run.ts';
import { UwsgiContainer } from './uwsgi-container.ts';

/** All that a test worker needs to find the parts of a run. Plain data. */
export interface LabDescription {
  readonly runId: string;
  readonly options: Options & BuildOptions;
  readonly network: string;
  readonly broker: BrokerDescription;
  /** Milliseconds that each step of the start took. */
  readonly timings: Readonly<Record<string, number>>;
}

/** The parts that are started once for a run, in the process that owns it. */
export interface RunningLab {
  readonly description: LabDescription;
  /** Removes all that the run started; images stay. */
  stop(): Promise<void>;
  /** Removes nothing, and says how to get into what is left. */
  keep(say: Say): Promise<void>;
}

/** Starts engine (if need be), reaper, network and broker; builds images that are missing. */
export async function startLab(given: Options, say: Say): Promise<RunningLab> {
  const timings: Record<string, number> = {};
  const timed = async <T>(step: string, work: Promise<T>): Promise<T> => {
    const began = Date.now();
    const result = await during(step, () => work);
    timings[step] = Date.now() - began;
    return result;
  };

  const runId = randomBytes(4).toString('hex');
  const options: Options & BuildOptions = { ...given, ...(given.rebuild && { notBefore: Date.now() }) };
  const engine = await timed('engine', findEngine(options, say));
  const [image, reaper] = await Promise.all([
    timed('images', images(engine, options, options.release, ['rabbitmq', 'httpd', 'client'], say)),
    // With KEEP there must be nobody who cleans up.
    options.keep ? undefined : timed('reaper', startReaper(engine, options, runId, say)),
  ]);
  const turns = dealTurns(runId);
  const network = `mpm-heartbeat-${runId}`;
  const stop = async () => {
    turns[Symbol.dispose]();
    await removeRun(engine, runId);
    await reaper?.stop();
  };
  try {
    await engine.network.create({ Name: network, Driver: 'bridge', Labels: { [RUN_LABEL]: runId } });
    const broker = await timed(
      'broker',
      new RabbitMQContainer(image.rabbitmq, engine, runId, network).start(),
    );
    const description: LabDescription = {
      runId,
      options,
      network,
      broker: {
        containerId: broker.getId(),
        host: broker.getHost(),
        port: broker.getMappedPort(5672),
        amqpUrl: broker.amqpUrl,
      },
      timings,
    };
    return { description, stop, keep: (toUser) => sayWhatIsKept(engine, runId, toUser) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The lab as a test worker sees it. */
export class Lab implements AsyncDisposable {
  private readonly images = new Map<string, Promise<string>>();
  private client: Promise<StartedTestContainer> | undefined;

  private constructor(
    readonly engine: Engine,
    readonly description: LabDescription,
    readonly broker: Broker,
    readonly turns: TurnsOfRun,
  ) {}

  static async connect(description: LabDescription): Promise<Lab> {
    const engine = await getContainerRuntimeClient();
    const broker = await Broker.attach(engine, description.broker);
    return new Lab(engine, description, broker, new TurnsOfRun(description.runId));
  }

  /** Starts a deployment of the application, with a virtual host of its own. */
  async serve(
    deployment: Deployment,
    virtualHost: VirtualHost,
    application: Application = stubApi,
  ): Promise<StartedServerContainer> {
    const { runId, network, options } = this.description;
    const { server, release = options.release } = deployment;
    const Container = server === 'uwsgi' ? UwsgiContainer : HttpdContainer;
    const container = new Container({
      image: await this.image(server, release),
      engine: this.engine,
      runId,
      network,
      deployment,
      application,
      transportUrl: virtualHost.transportUrl,
      keep: options.keep,
    });
    return container.withLabels({ 'mpm-heartbeat.deployment': deploymentName(deployment) }).start();
  }

  /** Runs a program in the client's container, which is started when it is first needed. */
  async ask(command: string[], environment: Record<string, string> = {}): Promise<ExecResult> {
    this.client ??= this.startClient();
    return (await this.client).exec(command, { env: environment });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.turns[Symbol.dispose]();
    this.broker[Symbol.dispose]();
    await (await this.client)?.stop();
  }

  private async startClient(): Promise<StartedTestContainer> {
    const { runId, network, options } = this.description;
    return new ClientContainer(
      await this.image('client', options.release),
      this.engine,
      runId,
      network,
    ).start();
  }

  private image(kind: ImageKind, release: DebianRelease): Promise<string> {
    const key = `${kind} ${release}`;
    const image =
      this.images.get(key) ??
      images(this.engine, this.description.options, release, [kind], () => undefined).then((it) => it[kind]);
    this.images.set(key, image);
    return image;
  }
}

async function removeRun(engine: Engine, runId: string): Promise<void> {
  const { dockerode } = engine.container;
  const filters = { label: [`${RUN_LABEL}=${runId}`] };
  const containers = await dockerode.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id }) =>
      dockerode
        .getContainer(Id)
        .remove({ force: true, v: true })
        .catch(() => undefined),
    ),
  );
  const networks = await dockerode.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => dockerode.getNetwork(Id).remove()));
}

async function sayWhatIsKept(engine: Engine, runId: string, say: Say): Promise<void> {
  const containers = await engine.container.dockerode.listContainers({
    all: true,
    filters: { label: [`${RUN_LABEL}=${runId}`] },
  });
  say(`kept, since MPM_HEARTBEAT_KEEP=1 and the run failed:`);
  for (const { Id, Image, Labels } of containers) {
    say(`  docker exec -it ${Id.slice(0, 12)} bash   # ${Labels['mpm-heartbeat.deployment'] ?? Image}`);
  }
  say(
    `remove with: docker rm -fv $(docker ps -aqf label=${RUN_LABEL}=${runId}) && docker network rm mpm-heartbeat-${runId}`,
  );
}
