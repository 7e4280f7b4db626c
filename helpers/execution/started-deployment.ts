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
import { patchedWords, type Versions } from '../evidence/process-report.ts';
import { UnreadableError } from '../evidence/unreadable.ts';
import type { VirtualHost } from '../lab/broker.ts';
import { ContainersClock } from '../lab/clock.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { LogTail } from '../lab/log-tail.ts';
import type { ChangeContainer, StartedServerContainer } from '../lab/server-container.ts';
import type { BusyPart } from '../lab/slots.ts';
import { START_LIMIT_MS } from '../traffic/every-process.ts';
import { MessageSink } from '../traffic/message-sink.ts';
import { HttpClient } from '../traffic/requests.ts';
import { askForMarkers, awaitMarkers, type Round } from './markers.ts';
import { Resources } from './resources.ts';

/** Receives each step of a cell as it happens. */
export type Emit = (step: string, text: string) => void;

/** Waits for a slot, and then runs a part that keeps the processors busy. */
export type TakeSlot = <T>(part: BusyPart, work: () => Promise<T>) => Promise<T>;

/** Options of a start. */
export interface StartOptions {
  readonly emit?: Emit;
  readonly takeSlot?: TakeSlot;
  /** Changes the container before it starts: a planted fault. */
  readonly changeContainer?: ChangeContainer | undefined;
}

/** A deployment whose processes have all imported the application. None has used AMQP yet. */
export interface StartedDeployment extends AsyncDisposable {
  readonly deployment: Deployment;
  readonly application: Application;
  readonly virtualHost: VirtualHost;
  readonly server: StartedServerContainer;
  readonly client: HttpClient;
  /** The clock of the client's times. */
  readonly clock: ContainersClock;
  /** The application's log. */
  readonly log: LogTail;
  readonly messageSink: MessageSink;
  /** The server as it was found before the first AMQP request. */
  readonly facts: ServerFacts;
  /** The markers that every process was asked for before the first AMQP request, and those that the log shows. */
  readonly before: { readonly round: Round; readonly markers: Markers };
  /** Asks every process for another marker and report, until the time limit. */
  readonly askAgain: (limitMs: number) => Promise<Round>;
}

/**
 * Starts a deployment, and lets each process import the application.
 *
 * @throws LabError if the server does not start or a process does not answer.
 * @throws UnreadableError if the application's log has another form than its record says.
 */
export async function startDeployment(
  lab: Lab,
  deployment: Deployment,
  application: Application,
  { emit = () => undefined, takeSlot = (_part, work) => work(), changeContainer }: StartOptions = {},
): Promise<StartedDeployment> {
  const resources = new Resources();
  const virtualHost = lab.broker.virtualHost(deploymentName(deployment));
  const clock = new ContainersClock(() => lab.broker.time());
  try {
    const { server, client, log, messageSink, round } = await takeSlot('start', async () => {
      const server = await takeSlot('container', () =>
        resources.use(lab.serve(deployment, virtualHost, application, changeContainer)),
      );
      const client = await resources.use(new HttpClient(server.url, clock.now));
      // The broker may still be starting, because no process connects before its first AMQP request.
      const [round, log, messageSink] = await Promise.all([
        takeSlot('warm-up', () => importEverywhere(client, deployment, server)),
        resources.use(server.followLog(application.log)),
        resources.use(
          lab.broker
            .create(virtualHost)
            .then(() => MessageSink.open(virtualHost.amqpUrl, application.messages)),
        ),
      ]).catch(async (error: unknown) => {
        // If the container has ended, the engine's error does not say why.
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
        `the application’s log does not have the form of logEntry in its record: ${unread}`,
      );
    }
    const read = parseApplicationLog(log.lines.slice(0, markers.last ?? 0), application);
    emit('before', `heartbeat errors in the log: ${heartbeatErrors(read, application).length}`);
    return {
      deployment,
      application,
      virtualHost,
      server,
      client,
      clock,
      log,
      messageSink,
      facts,
      before: { round, markers },
      askAgain: (limitMs) => askForMarkers(client, deployment, { together: deployment.processes, limitMs }),
      [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
    };
  } catch (error) {
    // The end of the run removes what cannot be stopped now.
    await resources[Symbol.asyncDispose]().catch(() => undefined);
    throw error;
  }
}

/** The most requests for each process in the first round: enough to reach each process, and hardly more. */
const THREADS_ASKED = 4;
/** After this many rounds with status 500, the server's error log is searched for the reason. */
const BROKEN_ROUNDS = 3;

/**
 * Makes every process import the application, without AMQP. The first request of an interpreter is slow, and must not
 * be part of the traffic.
 *
 * @throws LabError if not every process answers within 90 s, or the application cannot be imported.
 * @throws PartError if the application cannot be imported with a part.
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
      // Other requests of the round may have succeeded.
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

/** The versions of all processes; several in one string if the processes differ. */
function commonVersions(all: readonly Versions[]): Versions {
  const found = new Map<string, Set<string | null>>();
  for (const [name, version] of all.flatMap((versions) => Object.entries(versions))) {
    found.set(name, (found.get(name) ?? new Set()).add(version));
  }
  const joined = ([first = null, ...others]: readonly (string | null)[]) =>
    others.length === 0 ? first : [first, ...others].join(' and ');
  return Object.fromEntries([...found].map(([name, versions]) => [name, joined([...versions])]));
}

/** AMQP libraries that an application may use. Each is independent of, or built on, those that follow it. */
const amqpClients: readonly string[] = ['oslo.messaging', 'kombu', 'amqp', 'pika'];

function words({ modules, processes: [report], versions }: ServerFacts): string {
  const listed = modules.map((module) => `${module}; `).join('');
  if (!report) return `${listed}the application gave no report`;
  const { server, processes, threads, parts = [] } = report;
  const client = amqpClients.find((name) => versions[name]);
  const libraries = new Map(client === undefined ? [] : [[client, versions[client]]]);
  for (const { name, version } of parts) libraries.set(name, version);
  const named = [...libraries].map((pair) => pair.join(' ')).join(', ');
  return `${listed}its processes say ${Object.entries(server).map(saying).join(', ')}, ${processes} × ${threads}, ${patchedWords(report)}, ${named}`;
}

/** One of a server's reported facts: its name, or whether an option is set. */
function saying([name, value]: [name: string, value: unknown]): string {
  return typeof value === 'boolean' ? `${name} ${value ? 'on' : 'off'}` : `${value}`;
}
