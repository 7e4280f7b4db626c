import { AbstractStartedContainer, type StartedTestContainer, Wait } from 'testcontainers';
import type { Application } from '../config/application.ts';
import type { Deployment } from '../config/deployment.ts';
import type { Engine } from '../engine/engine.ts';
import { RunContainer } from '../engine/run-container.ts';
import { applicationConfiguration } from './configuration.ts';
import { type ContainerOutput, containerOutput } from './container-output.ts';
import { LogTail } from './log-tail.ts';

const NANO = 1e9;
/** Each process writes from its signal handler, at once unless the machine is busy. */
const ASK_FOR_STACKS = `
file=$1
shift
: > "$file"
for pid in "$@"; do
  echo "process $pid" >> "$file"
  before=$(wc -c < "$file")
  kill -USR2 "$pid"
  for wait in $(seq 20); do
    sleep 0.1
    [ "$(wc -c < "$file")" -gt "$before" ] && break
  done
done
cat "$file"`;
export const HTTP_PORT = 80;

/** What a server's container is made from. */
export interface Serving {
  readonly image: string;
  readonly engine: Engine;
  readonly runId: string;
  readonly network: string;
  readonly deployment: Deployment;
  readonly application: Application;
  readonly transportUrl: string;
  /** Leave the container when its user is done with it, for a look inside. */
  readonly keep: boolean;
}

/** A server with the application, configured as a deployment says. */
export abstract class ServerContainer extends RunContainer {
  constructor(protected readonly serving: Serving) {
    super(serving.image, serving.engine, serving.runId);
    const { network, deployment, application, transportUrl } = serving;
    this.withNetworkMode(network)
      .withExposedPorts(HTTP_PORT)
      .withWaitStrategy(Wait.forAll([]))
      .withEnvironment({
        STUB_API_CONFIGURATION: applicationConfiguration(deployment, application, transportUrl),
      });
    if (deployment.cpus !== undefined) this.withResourcesQuota({ cpu: deployment.cpus });
    if (deployment.concurrency === 'threads') {
      this.withEnvironment({ OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' });
    }
  }

  abstract override start(): Promise<StartedServerContainer>;

  /** The container as it is once it has been started. */
  protected startedContainer(): Promise<StartedTestContainer> {
    return super.start();
  }
}

/** A container whose server has been started; it may need a moment to answer. */
export abstract class StartedServerContainer extends AbstractStartedContainer {
  constructor(
    started: StartedTestContainer,
    protected readonly serving: Serving,
  ) {
    super(started);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    if (!this.serving.keep) await this.stop();
  }

  /** Where this machine reaches the application, without TLS. */
  get url(): string {
    return `http://${this.getHost()}:${this.getMappedPort(HTTP_PORT)}`;
  }

  /** Its address on the run's network, for a client in another container. */
  addressOn(network: string): string {
    return this.getIpAddress(network);
  }

  /** The MPM modules that the server's own program listed: `prefork`, `event`, `worker`. */
  abstract loadedMpms(): Promise<string[]>;

  /** Established TCP connections to port 5672 of another host, counted by `ss` in the container. */
  async establishedAmqpConnections(): Promise<number> {
    const { output } = await this.exec(['ss', '-4Htn', 'state', 'established', 'dport', '=', ':5672']);
    return output.split('\n').filter((line) => line.trim() !== '').length;
  }

  /** Follows a log of the application. */
  async followLog(path = this.serving.application.log): Promise<LogTail> {
    return LogTail.open(this.serving.engine, this.getId(), path);
  }

  /** Appends a line to a log of the application, from outside of the application. */
  async appendToLog(line: string): Promise<void> {
    await this.exec(['sh', '-c', 'printf "%s\\n" "$1" >> "$2"', 'sh', line, this.serving.application.log]);
  }

  /** Freezes every process of the container. */
  async pause(): Promise<void> {
    await this.serving.engine.container.getById(this.getId()).pause();
  }

  async unpause(): Promise<void> {
    await this.serving.engine.container.getById(this.getId()).unpause();
  }

  /** The server's error log as it is now; undefined if it cannot be read. */
  async serverErrorLog(): Promise<string | undefined> {
    return this.output().then(
      ({ stderr }) => stderr,
      () => undefined,
    );
  }

  /** What the container has printed until now. */
  protected output(): Promise<ContainerOutput> {
    return containerOutput(this.serving.engine, this.getId());
  }

  /** What the processes write of their native threads' Python stacks when they are asked for them. */
  async stacks(pids: readonly number[]): Promise<string> {
    const { stdout } = await this.exec([
      'sh',
      '-c',
      ASK_FOR_STACKS,
      'sh',
      this.serving.application.stacks,
      ...pids.map(String),
    ]);
    return stdout;
  }

  /** Lines of the application's log, as oslo.log writes them, at ERROR or above and in tracebacks. */
  async troubleInLog(): Promise<string[]> {
    const trouble = '^[0-9]{4}-\\S+ \\S+ [0-9]+ (ERROR|CRITICAL|TRACE) |^[^0-9]';
    const { stdout } = await this.exec(['grep', '-E', '-m', '100', trouble, this.serving.application.log]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** CPUs' worth of time that the engine gives the container; undefined: all there are. */
  async cpuQuota(): Promise<number | undefined> {
    const { dockerode } = this.serving.engine.container;
    const { HostConfig } = await dockerode.getContainer(this.getId()).inspect();
    const { NanoCpus, CpuQuota, CpuPeriod } = HostConfig;
    if (NanoCpus) return NanoCpus / NANO;
    return CpuQuota && CpuPeriod ? CpuQuota / CpuPeriod : undefined;
  }

  /** Ends whatever follows logs in the container: it would share the time that is measured. */
  async endFollowers(): Promise<void> {
    await this.exec(['pkill', '-x', 'tail']);
  }
}
