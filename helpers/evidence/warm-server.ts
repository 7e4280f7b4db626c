import { randomUUID } from 'node:crypto';
import type { Application } from '../config/application.ts';
import { type Deployment, deploymentName } from '../config/deployment.ts';
import type { VirtualHost } from '../lab/broker.ts';
import type { Lab } from '../lab/lab.ts';
import type { LogTail } from '../lab/log-tail.ts';
import type { StartedServerContainer } from '../lab/server-container.ts';
import type { BusyPart } from '../lab/turns.ts';
import { Conductor } from '../traffic/conductor.ts';
import { HttpClient } from '../traffic/requests.ts';
import { importEverywhere } from '../traffic/warm-up.ts';
import { heartbeatErrors, parseApplicationLog } from './application-log.ts';
import type { ProcessReport } from './observation.ts';

/** Steps of a cell's story, as they are told. */
export type Step =
  | 'loaded'
  | 'before'
  | 'call'
  | 'error'
  | 'after'
  | 'broker'
  | 'connections'
  | 'services'
  | 'ab'
  | 'proof';
export type Tell = (step: Step, text: string) => void;

/** Runs a part that keeps the processors busy, when it is this cell's turn. */
export type TakeTurn = <T>(part: BusyPart, work: () => Promise<T>) => Promise<T>;

const MARK_LIMIT_MS = 5000;

/** A deployment whose processes all have imported the application, and none has used AMQP yet. */
export class WarmServer implements AsyncDisposable {
  private constructor(
    private readonly resources: Resources,
    readonly application: Application,
    readonly virtualHost: VirtualHost,
    readonly server: StartedServerContainer,
    readonly client: HttpClient,
    /** The application's log. */
    readonly log: LogTail,
    readonly conductor: Conductor,
    readonly loadedMpms: readonly string[],
    readonly report: ProcessReport | undefined,
    /** Process ids that have answered. */
    readonly pids: readonly number[],
    /** Where the log ended before the first AMQP request; undefined if it cannot be read. */
    readonly beforeMark: number | undefined,
  ) {}

  /** @throws Error if the server does not come up or a process does not answer. */
  static async start(
    lab: Lab,
    deployment: Deployment,
    application: Application,
    tell: Tell,
    takeTurn: TakeTurn,
  ): Promise<WarmServer> {
    const resources = new Resources();
    try {
      return await WarmServer.startWith(resources, lab, deployment, application, tell, takeTurn);
    } catch (error) {
      await resources.dispose();
      throw error;
    }
  }

  private static async startWith(
    resources: Resources,
    lab: Lab,
    deployment: Deployment,
    application: Application,
    tell: Tell,
    takeTurn: TakeTurn,
  ): Promise<WarmServer> {
    const virtualHost = lab.broker.virtualHost(deploymentName(deployment));
    const { server, client, log, conductor, pids } = await takeTurn('start', async () => {
      const server = await takeTurn('container', async () =>
        resources.use(await lab.serve(deployment, virtualHost)),
      );
      const client = resources.use(new HttpClient(server.url));
      // Apache starts while the broker may still be starting: no process connects before its first
      // AMQP request.
      const [pids, log, conductor] = await Promise.all([
        takeTurn('warm-up', () => importEverywhere(client, application, deployment)),
        server.followLog(application.log),
        lab.broker.create(virtualHost).then(() => Conductor.open(virtualHost.amqpUrl)),
      ]);
      return { server, client, log: resources.use(log), conductor: resources.use(conductor), pids };
    });
    const [{ body: own }, loadedMpms] = await Promise.all([
      client.getJson<ProcessReport>(application.routes.process),
      server.loadedMpms(),
    ]);
    const report = own && { ...own, versions: { ...own.versions, RabbitMQ: conductor.brokerVersion } };
    tell(
      'loaded',
      `${loadedMpms.map((mpm) => `apachectl -M: mpm_${mpm}_module; `).join('')}${words(report)}`,
    );
    const beforeMark = await leaveMark(client, application, log);
    const errors = heartbeatErrors(parseApplicationLog(log.lines.slice(0, beforeMark)), application);
    tell(
      'before',
      beforeMark === undefined ? 'the log cannot be read' : `heartbeat errors in the log: ${errors.length}`,
    );
    return new WarmServer(
      resources,
      application,
      virtualHost,
      server,
      client,
      log,
      conductor,
      loadedMpms,
      report,
      pids,
      beforeMark,
    );
  }

  /**
   * Leaves a line in the application's log and waits until the reader has it: all that was logged
   * before has then been read. Where the application does not answer any more, the line is written from
   * outside: that its logger works has been seen before the first AMQP request.
   *
   * @returns how many lines the log has up to there, or undefined if the log does not show it.
   */
  async mark(): Promise<number | undefined> {
    return (
      (await leaveMark(this.client, this.application, this.log)) ??
      leaveMarkFromOutside(this.server, this.log)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.resources.dispose();
  }
}

/** What is to be given back, last first. (`AsyncDisposableStack` came with Node 24.) */
class Resources {
  private readonly held: (Disposable | AsyncDisposable)[] = [];

  use<T extends Disposable | AsyncDisposable>(resource: T): T {
    this.held.push(resource);
    return resource;
  }

  async dispose(): Promise<void> {
    for (const resource of this.held.splice(0).reverse()) {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
      else resource[Symbol.dispose]();
    }
  }
}

async function leaveMark(
  client: HttpClient,
  { routes }: Application,
  log: LogTail,
): Promise<number | undefined> {
  const token = randomUUID();
  const from = log.lines.length;
  const { status } = await client.get(`${routes.mark}?token=${token}`, Date.now(), MARK_LIMIT_MS);
  // What the logger makes of it; an access log that shows the request is no proof.
  return status === 200 ? log.until(`marker ${token}`, MARK_LIMIT_MS, from) : undefined;
}

async function leaveMarkFromOutside(
  server: StartedServerContainer,
  log: LogTail,
): Promise<number | undefined> {
  const line = `${new Date().toISOString().replace('T', ' ').replace('Z', '')} 0 INFO suite [-] marker ${randomUUID()}`;
  const from = log.lines.length;
  await server.appendToLog(line);
  return log.until(line, MARK_LIMIT_MS, from);
}

function words(report: ProcessReport | undefined): string {
  if (!report) return 'the application gave no report';
  const { server, mpm, processes, threads, patched, versions } = report;
  return `the application says ${mpm ?? server}, ${processes} × ${threads}, ${patched ? 'patched' : 'not patched'}, oslo.messaging ${versions['oslo.messaging']}`;
}
