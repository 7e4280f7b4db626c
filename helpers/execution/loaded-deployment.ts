import { applicationOf, type Deployment, serverOf } from '../deployment/deployment.ts';
import { parseAbOutput } from '../evidence/ab-output.ts';
import { countAnswers, countProcesses, type LoggedAnswer, parseAccessLog } from '../evidence/access-log.ts';
import {
  entriesNotAllowed,
  parseApplicationLog,
  serverErrorsNotAllowed,
} from '../evidence/application-log.ts';
import type { Measurement } from '../evidence/throughput-block.ts';
import type { LoadedDeploymentFacts } from '../evidence/throughput-evidence.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Load } from '../rows/load.ts';
import { runApacheBench } from '../traffic/apache-bench.ts';
import { connectEverywhere } from '../traffic/every-process.ts';
import { type Awaited, newLines } from './new-lines.ts';
import { type Emit, type StartedDeployment, startDeployment } from './started-deployment.ts';

/** A started deployment that ab loads. Nothing else runs in its container. */
export class LoadedDeployment implements AsyncDisposable {
  /** How many bytes of the access log have been read. */
  private position = 0;

  private constructor(
    private readonly lab: Lab,
    private readonly started: StartedDeployment,
    readonly facts: LoadedDeploymentFacts,
  ) {}

  /** @throws Error if the server does not come up or a process does not answer. */
  static async start(
    lab: Lab,
    deployment: Deployment,
    route: Load['route'],
    emit: Emit,
  ): Promise<LoadedDeployment> {
    const application = applicationOf(deployment);
    const started = await startDeployment(lab, deployment, application, { emit });
    try {
      const { client, server } = started;
      if (route === 'amqp') await connectEverywhere(client, application, deployment);
      await server.endFollowers();
      const loaded = new LoadedDeployment(lab, started, { ...started.facts, cpus: await server.cpuQuota() });
      // The requests of the warm-up must be in the log before ab starts, because they are not ab's.
      await loaded.newAnswers({ atLeast: deployment.processes });
      return loaded;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs ab once, and reads its answers in the server's log. @throws LabError if ab cannot load this route. */
  async measure(load: Load): Promise<Measurement> {
    const startedAt = Date.now();
    const { application, server } = this.started;
    const address = server.getIpAddress(this.lab.description.network);
    const route = application.routes[load.route];
    if (!route) throw new LabError(`${application.name} has no ${load.route} route`);
    const ab = parseAbOutput(await runApacheBench(this.lab, address, route.path, load));
    const answers = await this.newAnswers(
      ab.kind === 'finished' ? { exactly: load.requests } : { atLeast: 0 },
    );
    return { startedAt, ab, answers: countAnswers(answers), perProcess: countProcesses(answers) };
  }

  /** Runs lines of shell in the server's container: a planted fault. */
  async runShell(script: string): Promise<void> {
    await this.started.server.execute(['sh', '-c', script]);
  }

  /** Lines at error level, and tracebacks, that are not allowed. */
  async notAllowed(): Promise<string[]> {
    const { application, deployment, server } = this.started;
    const [lines, errorLog] = await Promise.all([server.applicationLog(), server.serverErrorLog()]);
    return [
      ...entriesNotAllowed(parseApplicationLog(lines, application), application),
      ...serverErrorsNotAllowed(errorLog, serverOf(deployment), application),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.started[Symbol.asyncDispose]();
  }

  /** The answers that were logged since the last call. */
  private async newAnswers(awaited: Awaited): Promise<LoggedAnswer[]> {
    const lines = await newLines(() => this.started.server.accessLog(this.position), awaited);
    this.position += Buffer.byteLength(lines);
    return parseAccessLog(lines);
  }
}
