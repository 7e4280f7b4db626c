import { AbstractStartedContainer, type StartedTestContainer, Wait } from 'testcontainers';
import type { Application } from '../config/application.ts';
import type { Deployment } from '../config/deployment.ts';
import type { Engine } from '../engine/engine.ts';
import { RunContainer } from '../engine/run-container.ts';
import { apacheConfiguration, applicationConfiguration } from './configuration.ts';
import { LogTail } from './log-tail.ts';

const APACHE_ERROR_LOG = '/var/log/apache2/error.log';
const ACCESS_LOG = '/var/log/apache2/access.log';
const NANO = 1e9;
const [HTTP_PORT, HTTPS_PORT] = [80, 443];

/** Apache httpd with mod_wsgi and the application, configured as a deployment says. */
export class HttpdContainer extends RunContainer {
  constructor(
    image: string,
    private readonly of: Engine,
    runId: string,
    network: string,
    private readonly deployment: Deployment,
    private readonly application: Application,
    transportUrl: string,
    /** Leave the container when its user is done with it, for a look inside. */
    private readonly keep: boolean,
  ) {
    super(image, of, runId);
    this.withNetworkMode(network)
      .withExposedPorts(HTTP_PORT, HTTPS_PORT)
      .withWaitStrategy(Wait.forAll([]))
      .withCopyContentToContainer([
        {
          target: '/etc/apache2/conf-enabled/deployment.conf',
          content: apacheConfiguration(deployment),
        },
        {
          target: '/etc/stub-api/stub-api.conf',
          content: applicationConfiguration(deployment, application, transportUrl),
        },
      ]);
    if (deployment.cpus !== undefined) this.withResourcesQuota({ cpu: deployment.cpus });
    if (deployment.concurrency === 'threads') {
      this.withEnvironment({ OS_NOVA_DISABLE_EVENTLET_PATCHING: '1' });
    }
  }

  override async start(): Promise<StartedHttpdContainer> {
    return new StartedHttpdContainer(
      await super.start(),
      this.of,
      this.deployment,
      this.application,
      this.keep,
    );
  }
}

/** A container whose httpd has been started; it may need a moment to answer. */
export class StartedHttpdContainer extends AbstractStartedContainer {
  constructor(
    started: StartedTestContainer,
    private readonly engine: Engine,
    readonly deployment: Deployment,
    readonly application: Application,
    private readonly keep: boolean,
  ) {
    super(started);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    if (!this.keep) await this.stop();
  }

  /** Where this machine reaches the application, without TLS. */
  get url(): string {
    return `http://${this.getHost()}:${this.getMappedPort(HTTP_PORT)}`;
  }

  /** Its address on the run's network, for a client in another container. */
  addressOn(network: string): string {
    return this.getIpAddress(network);
  }

  /** The MPM modules that `apachectl -M` lists: `prefork`, `event`, `worker`. */
  async loadedMpms(): Promise<string[]> {
    const { output } = await this.exec(['apachectl', '-M']);
    return [...output.matchAll(/^ mpm_(\w+)_module /gm)].map(([, mpm]) => mpm as string);
  }

  /** Established TCP connections to port 5672 of another host, counted by `ss` in the container. */
  async establishedAmqpConnections(): Promise<number> {
    const { output } = await this.exec(['ss', '-4Htn', 'state', 'established', 'dport', '=', ':5672']);
    return output.split('\n').filter((line) => line.trim() !== '').length;
  }

  /** Follows a log of the application. */
  async followLog(path = this.application.log): Promise<LogTail> {
    return LogTail.open(this.engine, this.getId(), path);
  }

  /** Freezes every process of the container. */
  async pause(): Promise<void> {
    await this.engine.container.getById(this.getId()).pause();
  }

  async unpause(): Promise<void> {
    await this.engine.container.getById(this.getId()).unpause();
  }

  /** Apache's error log as it is now; undefined if it cannot be read. */
  async apacheErrorLog(): Promise<string | undefined> {
    const { stdout, exitCode } = await this.exec(['cat', APACHE_ERROR_LOG]);
    return exitCode === 0 ? stdout : undefined;
  }

  /** Apache's access log from a position in bytes on. */
  async accessLog(from: number): Promise<string> {
    const { stdout, stderr, exitCode } = await this.exec(['tail', '-c', `+${from + 1}`, ACCESS_LOG]);
    if (exitCode !== 0) throw new Error(`Apache’s access log cannot be read: ${stderr.trim()}`);
    return stdout;
  }

  /** Lines of the application's log, as oslo.log writes them, at ERROR or above and in tracebacks. */
  async troubleInLog(): Promise<string[]> {
    const trouble = '^[0-9]{4}-\\S+ \\S+ [0-9]+ (ERROR|CRITICAL|TRACE) |^[^0-9]';
    const { stdout } = await this.exec(['grep', '-E', '-m', '100', trouble, this.application.log]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** CPUs' worth of time that the engine gives the container; undefined: all there are. */
  async cpuQuota(): Promise<number | undefined> {
    const { HostConfig } = await this.engine.container.dockerode.getContainer(this.getId()).inspect();
    const { NanoCpus, CpuQuota, CpuPeriod } = HostConfig;
    if (NanoCpus) return NanoCpus / NANO;
    return CpuQuota && CpuPeriod ? CpuQuota / CpuPeriod : undefined;
  }

  /** Ends whatever follows logs in the container: it would share the time that is measured. */
  async endFollowers(): Promise<void> {
    await this.exec(['pkill', '-x', 'tail']);
  }
}
