import type { Application } from '../applications/application.ts';
import { PartError } from '../config/parts.ts';
import { type Deployment, deploymentName } from '../deployment/deployment.ts';
import {
  heartbeatErrors,
  lastException,
  parseApplicationLog,
  unreadMarker,
} from '../evidence/application-log.ts';
import type { ServerFacts } from '../evidence/evidence.ts';
import type { Markers } from '../evidence/observation.ts';
import type { Versions } from '../evidence/process-report.ts';
import { UnreadableError } from '../evidence/unreadable.ts';
import type { VirtualHost } from '../lab/broker.ts';
import { ContainersClock } from '../lab/clock.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { LogTail } from '../lab/log-tail.ts';
import type { Prepare, StartedServerContainer } from '../lab/server-container.ts';
import type { BusyPart } from '../lab/slots.ts';
import { START_LIMIT_MS } from '../traffic/every-process.ts';
import { MessageSink } from '../traffic/message-sink.ts';
import { HttpClient } from '../traffic/requests.ts';
import { askForMarkers, awaitMarkers, type Round } from './markers.ts';
import { Resources } from './resources.ts';

/** Steps of a cell's story, as they are told. */
export type Step =
  | 'loaded'
  | 'before'
  | 'call'
  | 'fault'
  | 'block'
  | 'error'
  | 'after'
  | 'broker'
  | 'connections'
  | 'services'
  | 'ab'
  | 'proof'
  | 'again'
  | 'verdict'
  | 'reason';
export type EmitStep = (step: Step, text: string) => void;

/** Runs a part that keeps the processors busy, when it is this cell's turn. */
export type TakeSlot = <T>(part: BusyPart, work: () => Promise<T>) => Promise<T>;

/** How a server is started. */
export interface StartOptions {
  readonly emit?: EmitStep;
  readonly takeSlot?: TakeSlot;
  /** Changes the container before it starts: a fault planted on purpose. */
  readonly prepare?: Prepare | undefined;
}

/** A deployment whose processes all have imported the application, and none has used AMQP yet. */
export class StartedDeployment implements AsyncDisposable {
  private constructor(
    private readonly resources: Resources,
    readonly deployment: Deployment,
    readonly application: Application,
    readonly virtualHost: VirtualHost,
    readonly server: StartedServerContainer,
    readonly client: HttpClient,
    /** Of the times that the client gives. */
    readonly clock: ContainersClock,
    /** The application's log. */
    readonly log: LogTail,
    readonly messageSink: MessageSink,
    /** What it is, as it was found before the first AMQP request. */
    readonly facts: ServerFacts,
    /** The round of markers that every process was asked for before the first AMQP request, and what the log shows of it. */
    readonly before: { readonly round: Round; readonly markers: Markers },
  ) {}

  /** @throws LabError if the server does not come up or a process does not answer; UnreadableError for a log of another form. */
  static async start(
    lab: Lab,
    deployment: Deployment,
    application: Application,
    options: StartOptions = {},
  ): Promise<StartedDeployment> {
    const resources = new Resources();
    try {
      return await StartedDeployment.startWith(resources, lab, deployment, application, options);
    } catch (error) {
      // What cannot be stopped now goes with the run.
      await resources[Symbol.asyncDispose]().catch(() => undefined);
      throw error;
    }
  }

  private static async startWith(
    resources: Resources,
    lab: Lab,
    deployment: Deployment,
    application: Application,
    { emit = () => undefined, takeSlot = (_part, work) => work(), prepare }: StartOptions,
  ): Promise<StartedDeployment> {
    const virtualHost = lab.broker.virtualHost(deploymentName(deployment));
    const clock = new ContainersClock(() => lab.broker.time());
    const { server, client, log, messageSink, round } = await takeSlot('start', async () => {
      const server = await takeSlot('container', () =>
        resources.use(lab.serve(deployment, virtualHost, application, prepare)),
      );
      const client = await resources.use(new HttpClient(server.url, clock.now));
      // Apache starts while the broker may still be starting: no process connects before its first
      // AMQP request.
      const [round, log, messageSink] = await Promise.all([
        takeSlot('warm-up', () => importEverywhere(client, deployment, server)),
        resources.use(server.followLog(application.log)),
        resources.use(
          lab.broker
            .create(virtualHost)
            .then(() => MessageSink.open(virtualHost.amqpUrl, application.messages)),
        ),
      ]).catch(async (error: unknown) => {
        // Whoever looks into a container that has ended is told so by the engine, and not why.
        const end = await server.end().catch(() => undefined);
        throw end === undefined ? error : new LabError(end);
      });
      return { server, client, log, messageSink, round };
    });
    const facts: ServerFacts = {
      modules: await server.loadedModules(),
      imageRelease: deployment.release ?? lab.description.options.release,
      versions: commonVersions([...round.versions, { RabbitMQ: messageSink.brokerVersion }]),
      processes: round.reports,
    };
    emit('loaded', words(facts));
    const markers = await awaitMarkers(log, round);
    const unread = unreadMarker(log.lines, round.token, application);
    if (unread !== undefined) {
      throw new UnreadableError(
        `the application’s log has not the form that its record says (logEntry): ${unread}`,
      );
    }
    const read = parseApplicationLog(log.lines.slice(0, markers.last ?? 0), application);
    const errors = heartbeatErrors(read, application);
    emit('before', `heartbeat errors in the log: ${errors.length}`);
    return new StartedDeployment(
      resources,
      deployment,
      application,
      virtualHost,
      server,
      client,
      clock,
      log,
      messageSink,
      facts,
      { round, markers },
    );
  }

  /** Asks every process once more, for so long. */
  askAgain(limitMs: number): Promise<Round> {
    const { processes } = this.deployment;
    return askForMarkers(this.client, this.deployment, { together: processes, limitMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.resources[Symbol.asyncDispose]();
  }
}

/** Of each process at first: enough that each takes one, and few enough that most are not in vain. */
const THREADS_ASKED = 4;
/** After so many rounds in which every answer was 500 the server's error log is asked why. */
const BROKEN_ROUNDS = 3;

/**
 * Makes every process of a deployment import the application: an interpreter is slow at its first
 * request, eight at once are very slow, and that is not what is to be measured. No AMQP.
 *
 * @throws LabError if not every process has answered within 90 s, or nobody can import it.
 * @throws PartError in place of the latter where something is not the distribution's.
 */
async function importEverywhere(
  client: HttpClient,
  deployment: Deployment,
  server: StartedServerContainer,
): Promise<Round> {
  const { processes, threads, parts } = deployment;
  let broken = 0;
  const round = await askForMarkers(client, deployment, {
    together: processes * Math.min(threads, THREADS_ASKED),
    limitMs: START_LIMIT_MS,
    onRefused: async (records) => {
      const end = records.every(({ failure }) => failure) ? await server.end() : undefined;
      if (end !== undefined) throw new LabError(end);
      // beside it others are answered that wait for this one's report
      if (records.some(({ status }) => status === 500)) broken++;
      if (broken < BROKEN_ROUNDS) return;
      const why = lastException(await server.serverErrorLog());
      if (why === undefined) return;
      const line = `the application cannot be imported: ${why}`;
      throw parts ? new PartError(line) : new LabError(line);
    },
  });
  const answered = round.reports.length;
  if (answered < processes) {
    const silent = `only ${answered} of ${processes} processes answered within ${START_LIMIT_MS / 1000} s`;
    throw new LabError([silent, ...(answered === 0 ? await server.signsOfLife() : [])].join('; '));
  }
  return round;
}

/** Versions of each part; where processes differ, each of them. */
function commonVersions(all: readonly Versions[]): Versions {
  const found = new Map<string, Set<string | null>>();
  for (const [part, version] of all.flatMap((it) => Object.entries(it))) {
    found.set(part, (found.get(part) ?? new Set()).add(version));
  }
  return Object.fromEntries(
    [...found].map(([part, versions]) => [
      part,
      versions.size === 1 ? ([...versions][0] ?? null) : [...versions].join(' and '),
    ]),
  );
}

/** What an application may speak AMQP with; each is built on those that follow it, or stands alone. */
const amqpClients: readonly string[] = ['oslo.messaging', 'kombu', 'amqp', 'pika'];

function words({ modules, processes: [report], versions }: ServerFacts): string {
  const listed = modules.map((module) => `${module}; `).join('');
  if (!report) return `${listed}the application gave no report`;
  const { server, processes, threads, patched, parts = [] } = report;
  const client = amqpClients.find((name) => versions[name]);
  const libraries = new Map(client === undefined ? [] : [[client, versions[client]]]);
  for (const { name, version } of parts) libraries.set(name, version);
  const named = [...libraries].map((pair) => pair.join(' ')).join(', ');
  return `${listed}its processes say ${Object.entries(server).map(saying).join(', ')}, ${processes} × ${threads}, ${patched ? 'patched' : 'not patched'}, ${named}`;
}

/** What a server says of itself: a name, or whether an option is set. */
function saying([name, value]: [name: string, value: unknown]): string {
  return typeof value === 'boolean' ? `${name} ${value ? 'on' : 'off'}` : `${value}`;
}
