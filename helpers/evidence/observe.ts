import { setTimeout as sleep } from 'node:timers/promises';
import { type Application, stubApi } from '../config/application.ts';
import type { Deployment } from '../config/deployment.ts';
import { brokerPatience, requestsOf, type Scenario, trafficMs, trafficWords } from '../config/scenario.ts';
import type { Broker, VirtualHost } from '../lab/broker.ts';
import type { Lab } from '../lab/lab.ts';
import type { LogTail } from '../lab/log-tail.ts';
import type { StartedServerContainer } from '../lab/server-container.ts';
import { playScenario } from '../traffic/play.ts';
import { heartbeatErrors, parseApplicationLog } from './application-log.ts';
import { hasDropped, parseBrokerLog, pidOfConnection, timeOf } from './broker-log.ts';
import { dropLimits, matchErrors } from './evidence.ts';
import { capturedFields } from './frames.ts';
import type { LogReading, Observation } from './observation.ts';
import { type ReportProgress, throttled } from './progress.ts';
import { parseStacks } from './stacks.ts';
import { type TakeTurn, type Tell, WarmServer } from './warm-server.ts';

/** One deployment under one scenario. */
export interface Cell {
  readonly deployment: Deployment;
  readonly scenario: Scenario;
}

/** Who listens while a cell is played, and faults that are planted on purpose. */
export interface ObserveOptions {
  /** What is really served, where it is not what the cell says. */
  readonly served?: Deployment;
  /** What the suite believes of the application, where that is not so. */
  readonly application?: Application;
  /** Another reader of the broker's log. */
  readonly broker?: Broker;
  /** Told each step as it happens. */
  readonly tell?: Tell;
  /** Told what the cell is at, about once a second. */
  readonly progress?: ReportProgress;
  readonly takeTurn?: TakeTurn;
}

/**
 * Plays a cell: starts the deployment, warms it, sends the scenario's traffic, reads both logs to a
 * mark, and, if nothing happened, waits until the instruments have seen a drop. Everything it
 * started is stopped.
 *
 * @throws Error if the cell cannot be played to its end.
 */
export async function observe(lab: Lab, cell: Cell, options: ObserveOptions = {}): Promise<Observation> {
  const {
    served = cell.deployment,
    application = stubApi,
    broker = lab.broker,
    tell = () => undefined,
    takeTurn = (_part, work) => work(),
  } = options;
  const progress = throttled(options.progress ?? (() => undefined));
  const timings: Record<string, number> = {};
  let last = Date.now();
  const lap = (step: string) => {
    timings[step] = Date.now() - last;
    last = Date.now();
  };

  // What was logged and captured before is other cells', and reading it again would keep this thread from its traffic.
  const from = broker.log.lines.length;
  const framesFrom = lab.broker.framesRead;
  await using warm = await WarmServer.start(lab, served, application, tell, (part, work) => {
    progress({ step: `waits for its ${part}` });
    return takeTurn(part, () => {
      progress({ step: part });
      return work();
    });
  });
  const { server, virtualHost, client, log, conductor } = warm;
  lap('start and warm-up');

  tell('call', trafficWords(cell.scenario));
  const stopWatching = watchForFirstError(log, broker, from, virtualHost, application, tell);
  const of = requestsOf(cell.scenario);
  const windowEnd = Date.now() + trafficMs(cell.scenario);
  const requests = await playScenario(client, application, cell.scenario, (done) =>
    progress({ step: 'window', done, of, unit: 'requests', leftMs: Math.max(0, windowEnd - Date.now()) }),
  ).finally(stopWatching);
  lap('window');

  progress({ step: 'reads the logs' });
  const unanswered = requests.some(({ status }) => status === undefined);
  const stacks = unanswered ? parseStacks(await server.stacks(warm.pids)) : [];
  const [endMark, brokerMark] = await Promise.all([warm.mark(), broker.mark()]);
  const endLine = broker.log.lines[brokerMark.index ?? -1];
  const capture = await lab.broker.frames(capturedFields);
  const [established, listed, serverErrorLog, captureEndMark] = await Promise.all([
    server.establishedAmqpConnections(),
    broker.connections(virtualHost),
    server.serverErrorLog(),
    capture.until(brokerMark.token, CAPTURE_LIMIT_MS, framesFrom),
  ]);
  const seen: Observation = {
    ...cell,
    application,
    user: virtualHost.name,
    loadedMpms: warm.loadedMpms,
    report: warm.report,
    applicationLog: { ...read(log, endMark), beforeMark: warm.beforeMark },
    brokerLog: read(broker.log, brokerMark.index, from),
    capture: read(capture, captureEndMark, framesFrom),
    serverErrorLog,
    endedAt: endLine === undefined ? Date.now() : timeOf(endLine),
    stacks,
    pids: warm.pids,
    requests,
    arrived: new Map(conductor.arrived),
    conductorLost: conductor.lost,
    timings,
    connections: { established, listed: listed.filter((it) => pidOfConnection(it) !== undefined).length },
  };
  lap('reading the logs');
  if (endMark === undefined || captureEndMark === undefined || !isClean(seen)) return seen;
  const afterClean = await awaitDrop(broker, from, virtualHost, server, cell.deployment, tell, progress);
  lap('proof');
  return { ...seen, afterClean };
}

/** tshark prints a packet a moment after it has passed. */
const CAPTURE_LIMIT_MS = 10_000;

function read(log: LogTail, endMark: number | undefined, from = 0): LogReading {
  return {
    lines: log.lines.slice(from),
    endMark: endMark === undefined ? undefined : endMark - from,
    complaint: log.lastComplaint,
  };
}

/** Whether nothing happened until the logs' end marks; while they were read the drop may have come already. */
function isClean({ applicationLog, brokerLog, application, user }: Observation): boolean {
  const untilMark = ({ lines, endMark }: LogReading) => lines.slice(0, endMark);
  const errors = heartbeatErrors(parseApplicationLog(untilMark(applicationLog)), application);
  return errors.length === 0 && !hasDropped(untilMark(brokerLog), user);
}

/**
 * Proves the reader of the broker's log: without traffic the broker must drop the connection. One
 * that lives on has a heartbeat that needs no traffic; then the whole container is paused, and nothing can
 * keep the connection.
 */
async function awaitDrop(
  broker: Broker,
  from: number,
  { name }: VirtualHost,
  server: StartedServerContainer,
  { heartbeatSeconds }: Deployment,
  tell: Tell,
  progress: ReportProgress,
): Promise<NonNullable<Observation['afterClean']>> {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  const dropWithin = async (limitMs: number) => {
    const deadline = Date.now() + limitMs;
    let read = -1;
    for (;;) {
      const { lines } = broker.log;
      if (lines.length > read) {
        read = lines.length;
        if (hasDropped(lines.slice(from), name)) return true;
      }
      if (Date.now() > deadline) return false;
      await sleep(100);
    }
  };
  progress({ step: 'proof: the drop', leftMs: brokerPatience(heartbeatSeconds).mostMs });
  const { mayMs, mustMs } = dropLimits(heartbeatSeconds);
  if (await dropWithin(mayMs)) {
    tell('proof', `no traffic: the drop was seen after ${seconds()}`);
    return { dropSeen: true, waitedMs: Date.now() - began, livedWithoutTraffic: false };
  }
  const lived = seconds();
  await server.pause();
  progress({ step: 'proof: paused', leftMs: brokerPatience(heartbeatSeconds).mostMs });
  const dropSeen = await dropWithin(mustMs);
  const waitedMs = Date.now() - began;
  await server.unpause();
  tell(
    'proof',
    `no traffic: the connection lived for ${lived}; paused: ${dropSeen ? `the drop was seen after ${seconds()}` : 'no drop was seen'}`,
  );
  return { dropSeen, waitedMs, livedWithoutTraffic: true };
}

/** Tells of the first heartbeat error that matches a drop, when it comes. */
function watchForFirstError(
  log: LogTail,
  broker: Broker,
  from: number,
  { name }: VirtualHost,
  application: Application,
  tell: Tell,
): () => void {
  let next = 0;
  const timer = setInterval(() => {
    const errors = heartbeatErrors(parseApplicationLog(log.lines.slice(next)), application);
    if (errors.length === 0) {
      next = log.lines.length;
      return;
    }
    const connections = parseBrokerLog(broker.log.lines.slice(from)).filter(({ user }) => user === name);
    const proven = matchErrors(errors, connections).find(({ drop }) => drop);
    if (!proven) return;
    clearInterval(timer);
    tell('error', proven.line);
    for (const line of proven.drop?.lines ?? []) tell('broker', line.trim());
  }, 200);
  return () => clearInterval(timer);
}
