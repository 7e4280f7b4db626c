import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Application, stubApi } from '../config/application.ts';
import { type Deployment, deploymentName } from '../config/deployment.ts';
import type { Scenario } from '../config/scenario.ts';
import type { Broker, VirtualHost } from '../lab/broker.ts';
import type { StartedHttpdContainer } from '../lab/httpd-container.ts';
import type { Lab } from '../lab/lab.ts';
import type { LogTail } from '../lab/log-tail.ts';
import { Conductor } from '../traffic/conductor.ts';
import { HttpClient } from '../traffic/requests.ts';
import { trickle } from '../traffic/trickle.ts';
import { connectEverywhere, importEverywhere } from '../traffic/warm-up.ts';
import { heartbeatErrors, parseApplicationLog } from './application-log.ts';
import { parseBrokerLog, pidOfConnection } from './broker-log.ts';
import { dropLimitMs, matchErrors } from './evidence.ts';
import type { LogReading, Observation, ProcessReport } from './observation.ts';

/** One deployment under one scenario. */
export interface Cell {
  readonly deployment: Deployment;
  readonly scenario: Scenario;
}

/** What a cell is told to do differently from what its deployment says: planted faults, and who listens. */
export interface ObserveOptions {
  /** What is really served. */
  readonly served?: Deployment;
  /** What the suite believes about the application. */
  readonly application?: Application;
  /** Through which reader the broker's log is read. */
  readonly broker?: Broker;
  /** Told each step as it happens. */
  readonly tell?: Tell;
  /** Runs the part that keeps the processors busy; cells take turns at it. */
  readonly takeTurn?: <T>(work: () => Promise<T>) => Promise<T>;
  /** Called with the server before it is stopped, after the window. */
  readonly beforeStop?: (server: StartedHttpdContainer, seen: Observation) => Promise<void>;
}

export type Tell = (step: Step, text: string) => void;
export type Step = 'loaded' | 'before' | 'call' | 'error' | 'after' | 'broker' | 'connections' | 'proof';

const MARK_LIMIT_MS = 10_000;

/**
 * Plays a cell: starts the deployment, warms it, sends the scenario's traffic, reads both logs to a
 * mark, and, if nothing happened, waits until the instruments have seen a drop. Everything it
 * started is stopped.
 */
export async function observe(lab: Lab, cell: Cell, options: ObserveOptions = {}): Promise<Observation> {
  const {
    served = cell.deployment,
    application = stubApi,
    broker = lab.broker,
    tell = () => undefined,
    takeTurn = (work) => work(),
  } = options;
  const timings: Record<string, number> = {};
  let last = Date.now();
  const lap = (step: string) => {
    timings[step] = Date.now() - last;
    last = Date.now();
  };
  const virtualHost = await lab.broker.createVirtualHost(deploymentName(served));
  await using conductor = await Conductor.open(virtualHost.amqpUrl);

  await using server = await lab.serve(served, virtualHost);
  await using client = new HttpClient(server.url);
  using log = await server.followLog(application.log);
  lap('start');

  const warm = await takeTurn(async () => {
    lap('waiting for a turn');
    return warmUp(server, client, log, application, served, tell);
  });
  lap('warm-up');
  const connected = await connectEverywhere(client, application, served);
  lap('first connections');

  tell('call', `${cell.scenario.requests} requests, one each ${cell.scenario.intervalMs / 1000} s`);
  const stopWatching = watchForFirstError(log, broker, virtualHost, application, tell);
  const requests = await trickle(client, application.routes.amqp, cell.scenario);
  stopWatching();
  lap('window');

  const [endMark, brokerEndMark] = await Promise.all([mark(client, application, log), broker.mark()]);
  const applicationLog: Observation['applicationLog'] = {
    ...read(log, endMark),
    beforeMark: warm.beforeMark,
  };
  const brokerLog = read(broker.log, brokerEndMark);
  const [established, listed, apacheErrorLog] = await Promise.all([
    server.establishedAmqpConnections(),
    broker.connections(virtualHost),
    server.apacheErrorLog(),
  ]);
  const seen: Observation = {
    ...cell,
    application,
    user: virtualHost.name,
    loadedMpms: warm.loadedMpms,
    report: warm.report,
    applicationLog,
    brokerLog,
    apacheErrorLog,
    warmUp: connected,
    requests,
    arrived: new Map(conductor.arrived),
    conductorLost: conductor.lost,
    timings,
    connections: { established, listed: listed.filter((it) => pidOfConnection(it) !== undefined).length },
  };
  const full =
    endMark !== undefined && brokerEndMark !== undefined && isClean(seen)
      ? { ...seen, afterClean: await awaitDrop(broker, virtualHost, cell.deployment, tell) }
      : seen;
  lap('reading and proof');
  await options.beforeStop?.(server as StartedHttpdContainer, full);
  return full;
}

/** Everything before the first AMQP request. */
async function warmUp(
  server: StartedHttpdContainer,
  client: HttpClient,
  log: LogTail,
  application: Application,
  served: Deployment,
  tell: Tell,
) {
  const [loadedMpms] = await Promise.all([
    server.loadedMpms(),
    importEverywhere(client, application, served),
  ]);
  const { body: report } = await client.getJson<ProcessReport>(application.routes.process);
  tell(
    'loaded',
    `apachectl -M: ${loadedMpms.map((mpm) => `mpm_${mpm}_module`).join(', ')}; ${describe(report)}`,
  );
  const beforeMark = await mark(client, application, log);
  const before = heartbeatErrors(parseApplicationLog(log.lines.slice(0, beforeMark)), application).length;
  tell(
    'before',
    beforeMark === undefined ? 'the log cannot be read' : `heartbeat errors in the log: ${before}`,
  );
  return { loadedMpms, report, beforeMark };
}

function describe(report: ProcessReport | undefined): string {
  if (!report) return 'no report';
  return `the application says ${report.mpm}, ${report.processes} × ${report.threads}, ${report.patched ? 'patched' : 'not patched'}, oslo.messaging ${report.versions['oslo.messaging']}`;
}

/** Leaves a line in the application's log, and waits until the reader has it. */
async function mark(client: HttpClient, { routes }: Application, log: LogTail): Promise<number | undefined> {
  const token = randomUUID();
  const from = log.lines.length;
  await client.get(`${routes.mark}?token=${token}`);
  return log.until(token, MARK_LIMIT_MS, from);
}

function read(log: LogTail, endMark: number | undefined): LogReading {
  return { lines: [...log.lines], endMark, complaint: log.lastComplaint };
}

function isClean({ applicationLog, brokerLog, application, user }: Observation): boolean {
  return (
    heartbeatErrors(parseApplicationLog(applicationLog.lines), application).length === 0 &&
    !parseBrokerLog(brokerLog.lines).some((it) => it.user === user && it.droppedAt !== undefined)
  );
}

/** Proves the reader of the broker's log: without traffic, the broker must drop the connection. */
async function awaitDrop(
  broker: Broker,
  { name }: VirtualHost,
  { heartbeatSeconds }: Deployment,
  tell: Tell,
) {
  const began = Date.now();
  const limit = dropLimitMs(heartbeatSeconds);
  let dropSeen = false;
  while (!dropSeen && Date.now() - began < limit) {
    await sleep(100);
    dropSeen = parseBrokerLog(broker.log.lines).some((it) => it.user === name && it.droppedAt !== undefined);
  }
  const waitedMs = Date.now() - began;
  tell(
    'proof',
    dropSeen ? `no traffic: the drop was seen after ${(waitedMs / 1000).toFixed(1)} s` : 'no drop was seen',
  );
  return { dropSeen, waitedMs };
}

/** Tells of the first heartbeat error that matches a drop, when it comes. */
function watchForFirstError(
  log: LogTail,
  broker: Broker,
  { name }: VirtualHost,
  application: Application,
  tell: Tell,
): () => void {
  let next = 0;
  const timer = setInterval(() => {
    const fresh = parseApplicationLog(log.lines.slice(next));
    const errors = heartbeatErrors(fresh, application);
    if (errors.length === 0) {
      next = log.lines.length;
      return;
    }
    const connections = parseBrokerLog(broker.log.lines).filter(({ user }) => user === name);
    const proven = matchErrors(errors, connections).find(({ drop }) => drop);
    if (!proven) return;
    clearInterval(timer);
    tell('error', proven.line);
    tell('broker', proven.drop?.lines.at(-2)?.trim() ?? '');
    tell('broker', proven.drop?.lines.at(-1)?.trim() ?? '');
  }, 200);
  return () => clearInterval(timer);
}
