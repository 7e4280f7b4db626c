import type { Application } from '../applications/application.ts';
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
import type { StartedServerContainer } from '../lab/server-container.ts';
import type { Load } from '../rows/load.ts';
import { runApacheBench } from '../traffic/apache-bench.ts';
import { connectEverywhere } from '../traffic/every-process.ts';
import { type Awaited, newLines } from './new-lines.ts';
import { type EmitStep, StartedDeployment } from './started-deployment.ts';

/** A warm deployment that ab loads, with nothing else at work in its container. */
export class LoadedDeployment implements AsyncDisposable {
  /** Bytes of the access log that have been read. */
  private position = 0;

  private constructor(
    private readonly lab: Lab,
    private readonly warm: StartedDeployment,
    private readonly server: StartedServerContainer,
    private readonly application: Application,
    readonly facts: LoadedDeploymentFacts,
  ) {}

  /** @throws Error if the server does not come up or a process does not answer. */
  static async start(
    lab: Lab,
    deployment: Deployment,
    route: Load['route'],
    emit: EmitStep,
    application = applicationOf(deployment),
  ): Promise<LoadedDeployment> {
    const warm = await StartedDeployment.start(lab, deployment, application, { emit });
    try {
      if (route === 'amqp') await connectEverywhere(warm.client, application, deployment);
      await warm.server.endFollowers();
      const server = new LoadedDeployment(lab, warm, warm.server, application, {
        ...warm.facts,
        cpus: await warm.server.cpuQuota(),
      });
      // What has warmed it must be logged before ab comes: it is none of ab's.
      await server.newAnswers({ atLeast: deployment.processes });
      return server;
    } catch (error) {
      await warm[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** One run of ab, and all that the server answered meanwhile by its own log. */
  async measure(load: Load): Promise<Measurement> {
    const startedAt = Date.now();
    const address = this.server.addressOn(this.lab.description.network);
    const { name, routes } = this.application;
    const { path, method } = routes[load.route] ?? {};
    if (path === undefined) throw new LabError(`${name} has no ${load.route} route`);
    if (method) throw new LabError(`ab sends GET, and ${name} wants ${method} on ${path}`);
    const ab = parseAbOutput(await runApacheBench(this.lab, address, path, load));
    const answers = await this.newAnswers(
      ab.kind === 'finished' ? { exactly: load.requests } : { atLeast: 0 },
    );
    return { startedAt, ab, answers: countAnswers(answers), perProcess: countProcesses(answers) };
  }

  /** Runs lines of shell in its container: a fault planted on purpose. */
  async disturb(script: string): Promise<void> {
    await this.server.execute(['sh', '-c', script]);
  }

  /** Lines at error level, and tracebacks, that nobody declared. */
  async notAllowed(): Promise<string[]> {
    const [lines, errorLog] = await Promise.all([this.server.applicationLog(), this.server.serverErrorLog()]);
    return [
      ...entriesNotAllowed(parseApplicationLog(lines, this.application), this.application),
      ...serverErrorsNotAllowed(errorLog, serverOf(this.warm.deployment), this.application),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.warm[Symbol.asyncDispose]();
  }

  /** What the access log has got since the last time. */
  private async newAnswers(awaited: Awaited): Promise<LoggedAnswer[]> {
    const lines = await newLines(() => this.server.accessLog(this.position), awaited);
    this.position += Buffer.byteLength(lines);
    return parseAccessLog(lines);
  }
}
