import { randomBytes } from 'node:crypto';
import { AbstractStartedContainer, Wait } from 'testcontainers';
import type { Engine } from '../engine/engine.ts';
import { RunContainer } from '../engine/run-container.ts';
import { AMQP_PORT, type Broker, type BrokerDescription } from './broker.ts';

/** Debian's RabbitMQ, with one administrator instead of `guest`. */
export class RabbitMQContainer extends RunContainer {
  private readonly administrator = { user: 'suite', password: randomBytes(16).toString('hex') };

  constructor(
    image: string,
    engine: Engine,
    runId: string,
    private readonly network: string,
    /** Its name on the network. */
    private readonly alias: string,
  ) {
    super(image, engine, runId);
    this.withNetworkMode(network)
      .withHostname(alias)
      .withExposedPorts(AMQP_PORT)
      // For dumpcap, which keeps the packets; some engines do not grant it by default.
      .withAddedCapabilities('NET_RAW')
      .withWaitStrategy(Wait.forAll([]))
      // Erlang's schedulers must not spin while they wait for work, because others need the processors
      // (https://www.rabbitmq.com/docs/runtime#busy-waiting).
      .withEnvironment({ RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none' })
      // RabbitMQ 3.8 logs local times.
      .withEnvironment({ RABBITMQ_CONFIGURATION: configuration(this.administrator), TZ: 'UTC' });
  }

  protected override async beforeContainerCreated(): Promise<void> {
    await super.beforeContainerCreated();
    // withNetworkAliases would make it a member of the engine's default network first.
    this.createOpts.NetworkingConfig = { EndpointsConfig: { [this.network]: { Aliases: [this.alias] } } };
  }

  override async start(): Promise<StartedRabbitMQContainer> {
    return new StartedRabbitMQContainer(await super.start(), this.administrator, this.network, this.alias);
  }
}

/** A broker whose container has been started. It needs about two seconds to answer ({@link Broker.ready}). */
export class StartedRabbitMQContainer extends AbstractStartedContainer {
  constructor(
    started: ConstructorParameters<typeof AbstractStartedContainer>[0],
    private readonly administrator: { readonly user: string; readonly password: string },
    private readonly network: string,
    private readonly alias: string,
  ) {
    super(started);
  }

  /** What a worker needs to find it. */
  get description(): BrokerDescription {
    const { user, password } = this.administrator;
    const [host, port] = [this.getHost(), this.getMappedPort(AMQP_PORT)];
    return {
      containerId: this.getId(),
      alias: this.alias,
      address: this.getIpAddress(this.network),
      host,
      port,
      amqpUrl: `amqp://${user}:${password}@${host}:${port}/%2F`,
    };
  }
}

function configuration({ user, password }: { user: string; password: string }): string {
  return [
    `default_user = ${user}`,
    `default_pass = ${password}`,
    'loopback_users = none',
    'log.console = false',
    'log.file = broker.log',
    'log.file.level = info',
    '',
  ].join('\n');
}
