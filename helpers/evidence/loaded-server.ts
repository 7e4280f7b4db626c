import { setTimeout as sleep } from 'node:timers/promises';
import { type Application, stubApi } from '../config/application.ts';
import type { Deployment } from '../config/deployment.ts';
import type { Load } from '../config/load.ts';
import { StartedHttpdContainer } from '../lab/httpd-container.ts';
import type { Lab } from '../lab/lab.ts';
import { runApacheBench } from '../traffic/apache-bench.ts';
import { connectEverywhere } from '../traffic/warm-up.ts';
import { parseAbOutput } from './ab-output.ts';
import { countAnswers, countProcesses, type LoggedAnswer, parseAccessLog } from './access-log.ts';
import { parseApplicationLog, undeclaredEntries, undeclaredServerErrors } from './application-log.ts';
import type { Measurement } from './throughput-block.ts';
import type { LoadedServerFacts } from './throughput-evidence.ts';
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
    private readonly httpd: StartedHttpdContainer,
    private readonly application: Application,
    readonly facts: LoadedServerFacts,
  ) {}

  /** @throws Error if the server does not come up or a process does not answer. */
  static async start(
    lab: Lab,
    deployment: Deployment,
    route: Load['route'],
    tell: Tell,
    application = stubApi,
  ): Promise<LoadedServer> {
    const warm = await WarmServer.start(lab, deployment, application, tell, (_part, work) => work());
    try {
      if (route === 'amqp') await connectEverywhere(warm.client, application, deployment);
      const httpd = warm.server;
      if (!(httpd instanceof StartedHttpdContainer))
        throw new Error('answers are counted in httpd’s access log; there is none');
      await httpd.endFollowers();
      const server = new LoadedServer(lab, warm, httpd, application, {
        loadedMpms: warm.loadedMpms,
        report: warm.report,
        processesSeen: new Set(warm.pids).size,
        cpus: await httpd.cpuQuota(),
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
    const address = this.httpd.addressOn(this.lab.description.network);
    const path = this.application.routes[load.route];
    const ab = parseAbOutput(await runApacheBench(this.lab, address, path, load));
    const answers = await this.newAnswers(ab.kind === 'finished' ? load.requests : 0);
    return { startedAt, ab, answers: countAnswers(answers), perProcess: countProcesses(answers) };
  }

  /** Lines at error level, and tracebacks, that nobody declared. */
  async undeclared(): Promise<string[]> {
    const [lines, errorLog] = await Promise.all([this.httpd.troubleInLog(), this.httpd.serverErrorLog()]);
    return [
      ...undeclaredEntries(parseApplicationLog(lines), this.application),
      ...(errorLog === undefined
        ? ['Apache’s error log could not be read']
        : undeclaredServerErrors(errorLog, this.application)),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.warm[Symbol.asyncDispose]();
  }

  /** What the access log has got since the last time, once it has as many answers as `awaited`. */
  private async newAnswers(awaited: number): Promise<LoggedAnswer[]> {
    const deadline = Date.now() + LOG_LIMIT_MS;
    for (;;) {
      const text = await this.httpd.accessLog(this.position);
      const complete = text.slice(0, text.lastIndexOf('\n') + 1);
      const answers = parseAccessLog(complete);
      if (answers.length >= awaited || Date.now() > deadline) {
        this.position += Buffer.byteLength(complete);
        return answers;
      }
      await sleep(50);
    }
  }
}
