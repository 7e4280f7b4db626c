import { AbstractStartedContainer, type StartedTestContainer, Wait } from 'testcontainers';
import type { Application } from '../applications/application.ts';
import { probe } from '../config/probe.ts';
import { type Deployment, serverOf } from '../deployment/deployment.ts';
import type { Engine } from '../engine/engine.ts';
import { RunContainer } from '../engine/run-container.ts';
import { UnreadableError } from '../evidence/unreadable.ts';
import type { Broker } from './broker.ts';
import { type ContainerOutput, containerOutput } from './container-output.ts';
import { type CommandOptions, type Executed, execute } from './execute.ts';
import { LabError } from './lab-error.ts';
import { LogTail } from './log-tail.ts';
import { until, within } from './until.ts';

const NANO = 1e9;
/** Each process writes from its signal handler, which takes long only on a busy machine. */
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
/** Twice as long as the script waits for a process that writes nothing. */
const STACKS_EACH_MS = 4000;
const PAUSE_LIMIT_MS = 5000;
const STOP_LIMIT_MS = 30_000;
const HTTP_PORT = 80;

/** Everything that a server's container needs. */
export interface Serving {
  readonly image: string;
  readonly engine: Engine;
  readonly runId: string;
  readonly network: string;
  readonly deployment: Deployment;
  readonly application: Application;
  /** The broker's URL for the application, `amqp://…`. */
  readonly brokerUrl: string;
  /** The broker's name in that URL and its address, because the engine's name server may be slow or not answer. */
  readonly broker: Broker['host'];
  /** Whether the container stays, for a look inside. */
  readonly keep: boolean;
}

/** Changes a server's container before it starts: a planted fault. */
export type ChangeContainer = (container: ServerContainer) => void;

/** The container of a deployment: the server with its application, both configured. */
export class ServerContainer extends RunContainer {
  private id = '';

  constructor(private readonly serving: Serving) {
    super(serving.image, serving.engine, serving.runId);
    const { network, deployment, application, brokerUrl, broker } = serving;
    this.withNetworkMode(network)
      .withExtraHosts([{ host: broker.alias, ipAddress: broker.address }])
      .withExposedPorts(HTTP_PORT)
      .withWaitStrategy(Wait.forAll([]))
      .withEnvironment({
        // The application may log local times, and the base image may have another time zone.
        TZ: 'UTC',
        SERVER_CONFIGURATION: serverOf(deployment).configuration(deployment),
        ...(application.configuration && {
          APPLICATION_CONFIGURATION: application.configuration.text(deployment, brokerUrl),
          APPLICATION_CONFIGURATION_FILE: application.configuration.file,
        }),
        APPLICATION_LOG: application.log,
        PROBE_APPLICATION: application.callable,
        PROBE_LOGGER: application.heartbeatLogger,
        ...(application.firstRequest !== undefined && { PROBE_FIRST_REQUEST: application.firstRequest }),
        ...application.environment?.(deployment, brokerUrl),
      });
    if (deployment.cpus !== undefined) this.withResourcesQuota({ cpu: deployment.cpus });
  }

  /** @throws Error that says how its first program ended, if it ended at once, so that no port was published. */
  override async start(): Promise<StartedServerContainer> {
    try {
      return new StartedServerContainer(await super.start(), this.serving);
    } catch (error) {
      const end = await endOf(this.serving.engine, this.id).catch(() => undefined);
      throw end === undefined ? error : new Error(end);
    }
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.id = id;
  }
}

/** A server's container that has been started. The server may need a moment to answer. */
export class StartedServerContainer extends AbstractStartedContainer {
  constructor(
    started: StartedTestContainer,
    private readonly serving: Serving,
  ) {
    super(started);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    if (this.serving.keep) return;
    // A container that does not stop here is removed with the run, which reports errors.
    await within('its container to stop', STOP_LIMIT_MS, this.stop()).catch(() => undefined);
  }

  get deployment(): Deployment {
    return this.serving.deployment;
  }

  /** How its first program ended; undefined while it runs. */
  end(): Promise<string | undefined> {
    return endOf(this.serving.engine, this.getId());
  }

  /** Runs a program in its container. @throws LabError if it fails. */
  execute(command: readonly string[], options?: CommandOptions): Promise<Executed> {
    return execute(this.serving.engine, this.getId(), command, options);
  }

  /** Facts about a server that does not answer: whether anything listens, and the last line of its error log. */
  async signsOfLife(): Promise<string[]> {
    const { stdout } = await this.execute(['ss', '-Hltn', 'sport', '=', `:${HTTP_PORT}`]);
    const last = (await this.serverErrorLog()).trim().split('\n').at(-1);
    return [
      `${stdout.trim() === '' ? 'nothing' : 'a socket'} listens on port ${HTTP_PORT} there`,
      ...(last ? [`its error log ends with: ${last}`] : ['its error log is empty']),
    ];
  }

  /** Which of these processes still exist. @throws LabError if ps does not even list the container's first program. */
  async processesAlive(pids: readonly number[]): Promise<number[]> {
    const { stdout } = await this.execute(['ps', '-o', 'pid=', '-o', 'stat=', '-p', [1, ...pids].join(',')]);
    const alive = [...stdout.matchAll(/^ *(\d+) (?!Z)/gm)].map(([, pid]) => Number(pid));
    if (!alive.includes(1))
      throw new LabError(`ps does not list process 1 of the container: ${stdout.trim()}`);
    return alive.filter((pid) => pids.includes(pid));
  }

  /** The application's URL for this machine, without TLS. */
  get url(): string {
    return `http://${this.getHost()}:${this.getMappedPort(HTTP_PORT)}`;
  }

  /** The modules that the server's own program listed, with the same configuration, before it started. */
  async loadedModules(): Promise<string[]> {
    const { modules } = serverOf(this.serving.deployment);
    return modules ? modules.find((await this.output()).stdout) : [];
  }

  /** The server's access log from a position in bytes on. @throws UnreadableError if it cannot be read. */
  async accessLog(from: number): Promise<string> {
    const { name, accessLog } = serverOf(this.serving.deployment);
    if (accessLog === undefined) throw new UnreadableError(`${name} has no access log`);
    const { stdout, stderr, exitCode } = await this.execute(['tail', '-c', `+${from + 1}`, accessLog], {
      exitCodes: 'any',
    });
    if (exitCode !== 0) throw new UnreadableError(`the access log cannot be read: ${stderr.trim()}`);
    return stdout;
  }

  /** Established TCP connections to port 5672 of another host, counted by `ss` in the container. */
  async establishedAmqpConnections(): Promise<number> {
    const { stdout } = await this.execute(['ss', '-4Htn', 'state', 'established', 'dport', '=', ':5672']);
    return stdout.split('\n').filter((line) => line.trim() !== '').length;
  }

  /** Follows a log file. */
  async followLog(path: string): Promise<LogTail> {
    return LogTail.open(this.serving.engine, this.getId(), path);
  }

  /** Freezes every process of the container. A busy engine may need a second request. */
  async pause(): Promise<void> {
    const container = this.serving.engine.container.getById(this.getId());
    await until('its container to be paused', PAUSE_LIMIT_MS, () => container.pause().then(() => true));
  }

  /** Lets the container's processes continue. */
  async unpause(): Promise<void> {
    const container = this.serving.engine.container.getById(this.getId());
    await within('its container to go on', PAUSE_LIMIT_MS, container.unpause());
  }

  /** The server's error log until now. */
  async serverErrorLog(): Promise<string> {
    return (await this.output()).stderr;
  }

  /** What the container has printed until now. */
  private output(): Promise<ContainerOutput> {
    return containerOutput(this.serving.engine, this.getId());
  }

  /** The Python stacks of these processes' native threads. */
  async stacks(pids: readonly number[]): Promise<string> {
    const script = ['sh', '-c', ASK_FOR_STACKS, 'sh', probe.stacks, ...pids.map(String)];
    const { stdout } = await this.execute(script, { limitMs: 10_000 + STACKS_EACH_MS * pids.length });
    return stdout;
  }

  /** The lines of the application's log until now. */
  async applicationLog(): Promise<string[]> {
    const { stdout } = await this.execute(['cat', this.serving.application.log]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** CPUs' worth of time that the engine gives the container; undefined: all. */
  async cpuQuota(): Promise<number | undefined> {
    const { dockerode } = this.serving.engine.container;
    const { HostConfig } = await dockerode.getContainer(this.getId()).inspect();
    const { NanoCpus, CpuQuota, CpuPeriod } = HostConfig;
    if (NanoCpus) return NanoCpus / NANO;
    return CpuQuota && CpuPeriod ? CpuQuota / CpuPeriod : undefined;
  }

  /** Ends the followers of logs in the container, because they would use the CPU time that is measured. */
  async endFollowers(): Promise<void> {
    // pkill(1): 1 means that there was none.
    await this.execute(['pkill', '-x', 'tail'], { exitCodes: [0, 1] });
  }
}

/** How a container's first program ended, with the engine's error or the last line of its output; undefined while it runs. */
async function endOf(engine: Engine, id: string): Promise<string | undefined> {
  const { State } = await engine.container.getById(id).inspect();
  if (State.Running) return undefined;
  const { stdout, stderr } = await containerOutput(engine, id);
  const said = State.Error || `${stdout}\n${stderr}`.trim().split('\n').at(-1);
  return `its server ended with exit code ${State.ExitCode}${said ? `: ${said}` : ', and wrote nothing'}`;
}
