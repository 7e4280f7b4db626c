import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../applications/application.ts';
import type { Load } from '../config/load.ts';
import { applicationOf, type Deployment, serverOf } from '../deployment/deployment.ts';
import { parseAbOutput } from '../evidence/ab-output.ts';
import { countAnswers, countProcesses, type LoggedAnswer, parseAccessLog } from '../evidence/access-log.ts';
import {
  parseApplicationLog,
  undeclaredEntries,
  undeclaredServerErrors,
} from '../evidence/application-log.ts';
import type { Measurement } from '../evidence/throughput-block.ts';
import type { LoadedServerFacts } from '../evidence/throughput-evidence.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { StartedServerContainer } from '../lab/server-container.ts';
import { runApacheBench } from '../traffic/apache-bench.ts';
import { connectEverywhere } from '../traffic/every-process.ts';
import { type Tell, WarmServer } from './warm-server.ts';

/** Apache logs an answer a moment after the client has it. */
const LOG_LIMIT_MS = 2000;

/** A warm deployment that ab loads, with nothing else at work in its container. */
export class LoadedServer implements AsyncDisposable {
  /** Bytes of the access log that have been read. */
  private position = 0;

  private constructor(
    private readonly lab: Lab,
    private readonly warm: WarmServer,
    private readonly server: StartedServerContainer,
    private readonly application: Application,
    readonly facts: LoadedServerFacts,
  ) {}

  /** @throws Error if the server does not come up or a process does not answer. */
  static async start(
    lab: Lab,
    deployment: Deployment,
    route: Load['route'],
    tell: Tell,
    application = applicationOf(deployment),
  ): Promise<LoadedServer> {
    const warm = await WarmServer.start(lab, deployment, application, { tell });
    try {
      if (route === 'amqp') await connectEverywhere(warm.client, application, deployment);
      await warm.server.endFollowers();
      const server = new LoadedServer(lab, warm, warm.server, application, {
        ...warm.facts,
        cpus: await warm.server.cpuQuota(),
      });
      await server.newAnswers(0);
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
    const answers = await this.newAnswers(ab.kind === 'finished' ? load.requests : 0);
    return { startedAt, ab, answers: countAnswers(answers), perProcess: countProcesses(answers) };
  }

  /** Runs lines of shell in its container: a fault planted on purpose. */
  async disturb(script: string): Promise<void> {
    await this.server.execute(['sh', '-c', script]);
  }

  /** Lines at error level, and tracebacks, that nobody declared. */
  async undeclared(): Promise<string[]> {
    const [lines, errorLog] = await Promise.all([this.server.applicationLog(), this.server.serverErrorLog()]);
    return [
      ...undeclaredEntries(parseApplicationLog(lines, this.application), this.application),
      ...undeclaredServerErrors(errorLog, serverOf(this.warm.deployment), this.application),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.warm[Symbol.asyncDispose]();
  }

  /** What the access log has got since the last time, once it has as many answers as `awaited`. */
  private async newAnswers(awaited: number): Promise<LoggedAnswer[]> {
    const deadline = performance.now() + LOG_LIMIT_MS;
    for (;;) {
      const text = await this.server.accessLog(this.position);
      const complete = text.slice(0, text.lastIndexOf('\n') + 1);
      const answers = parseAccessLog(complete);
      if (answers.length >= awaited || performance.now() > deadline) {
        this.position += Buffer.byteLength(complete);
        return answers;
      }
      await sleep(50);
    }
  }
}
