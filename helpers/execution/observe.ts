import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../applications/application.ts';
import { newestStable } from '../config/options.ts';
import { applicationOf, type Deployment } from '../deployment/deployment.ts';
import { heartbeatErrors, parseApplicationLog } from '../evidence/application-log.ts';
import { connectionsOf, hasDropped, timeOf } from '../evidence/broker-log.ts';
import { matchDrops } from '../evidence/drops.ts';
import type { ServerFacts } from '../evidence/evidence.ts';
import { parts } from '../evidence/evidence-of.ts';
import { capturedFields } from '../evidence/frames.ts';
import type { LogReading, Observation } from '../evidence/observation.ts';
import type { ProcessReport } from '../evidence/process-report.ts';
import { parseStacks } from '../evidence/stacks.ts';
import type { Broker, BrokerMarker, VirtualHost } from '../lab/broker.ts';
import type { ClockReading } from '../lab/clock.ts';
import type { Lab } from '../lab/lab.ts';
import type { LogTail } from '../lab/log-tail.ts';
import type { StartedServerContainer } from '../lab/server-container.ts';
import { until } from '../lab/until.ts';
import type { TrafficRow } from '../rows/row.ts';
import { brokerPatience, requestsOf, trafficMs, trafficWords } from '../rows/traffic.ts';
import { connectEverywhere } from '../traffic/every-process.ts';
import { sendTraffic } from '../traffic/send-traffic.ts';
import { awaitMarkers, MARKER_LIMIT_MS, markersIn, type Round } from './markers.ts';
import { type ReportProgress, throttled } from './progress.ts';
import {
  type Emit,
  type StartedDeployment,
  type StartOptions,
  startDeployment,
} from './started-deployment.ts';

/** Options of one observation: what it reports, and planted faults. */
export interface ObserveOptions extends StartOptions {
  /** The deployment to serve instead of the row's. */
  readonly served?: Deployment;
  /** Runs beside the traffic, from its start, in the lab that executes the row. */
  readonly beside?: (started: StartedDeployment, at: Lab) => Promise<void>;
  /** Gives the row a separate broker, whatever release of RabbitMQ it names. */
  readonly ownBroker?: boolean;
  /** Lets each process open its AMQP connection, and report it, before the traffic starts. */
  readonly connectFirst?: boolean;
  /** `false`: does not wait for the drop that proves a clean window. */
  readonly proof?: boolean;
  readonly application?: Application;
  readonly progress?: ReportProgress;
  /** Ends the traffic at the first heartbeat error that matches a drop, because the verdict cannot change after it. */
  readonly untilReproduced?: boolean;
}

/**
 * Observes a row once: starts the deployment, warms it, sends the traffic, and reads the logs up to their markers. After
 * a clean window it waits until the instruments have seen a drop. Everything that was started is stopped.
 *
 * @throws LabError if the row cannot be executed to its end.
 */
export async function observe(
  lab: Lab,
  row: Pick<TrafficRow, 'deployment' | 'traffic'>,
  options: ObserveOptions = {},
): Promise<Observation> {
  const { served = row.deployment, ownBroker = false, takeSlot = (_part, work) => work() } = options;
  // The shared broker has one release of RabbitMQ. A row with another release gets a separate broker.
  if (!ownBroker && served.broker === newestStable) return observeIn(lab, row, options);
  await using own = await takeSlot('container', () => lab.withOwnBroker(served.broker));
  return await own.broker.whileItRuns((gone) => observeIn(own, row, options, gone));
}

/** @param gone is aborted when nobody waits for the observation any more. */
async function observeIn(
  lab: Lab,
  { deployment, traffic }: Pick<TrafficRow, 'deployment' | 'traffic'>,
  options: ObserveOptions,
  gone?: AbortSignal,
): Promise<Observation> {
  const {
    served = deployment,
    application = applicationOf(deployment),
    emit = () => undefined,
    takeSlot = (_part, work) => work(),
    beside = async () => undefined,
    connectFirst = false,
    proof = true,
  } = options;
  const { broker } = lab;
  const progress = throttled(options.progress ?? (() => undefined));
  const timings: Record<string, number> = {};
  let last = Date.now();
  const lap = (step: string) => {
    timings[step] = Date.now() - last;
    last = Date.now();
  };

  // Earlier lines and frames belong to other cells. Reading them again would delay this cell's traffic.
  let from = 0;
  let framesFrom = 0;
  await using started = await startDeployment(lab, served, application, {
    emit,
    prepare: options.prepare,
    takeSlot: (part, work) => {
      progress({ step: `waits for its ${part}` });
      return takeSlot(part, () => {
        progress({ step: part });
        if (part === 'container') [from, framesFrom] = [broker.log.lines.length, broker.framesRead];
        return work();
      });
    },
  });
  const { server, virtualHost, client, clock, log, messageSink, before } = started;
  const clockBefore = await clock.adjust();
  if (connectFirst) await connectEverywhere(client, application, served);
  const facts = connectFirst
    ? withLatest(started.facts, await started.askAgain(PATIENT_LIMIT_MS))
    : started.facts;
  lap('start and warm-up');

  emit('call', trafficWords(traffic));
  const stop = new AbortController();
  gone?.addEventListener('abort', () => stop.abort());
  const stopWatching = watchForFirstError(started, broker, from, emit, () => {
    if (options.untilReproduced) stop.abort();
  });
  const of = requestsOf(traffic);
  const windowEnd = Date.now() + trafficMs(traffic);
  const [requests] = await Promise.all([
    sendTraffic(
      client,
      application,
      traffic,
      (done) =>
        progress({ step: 'window', done, of, unit: 'requests', leftMs: Math.max(0, windowEnd - Date.now()) }),
      stop.signal,
    ),
    beside(started, lab),
  ]).finally(() => {
    stopWatching();
    // in case one of the two has failed
    stop.abort();
  });
  lap('window');

  progress({ step: 'reads the logs' });
  const unanswered = requests.some(({ status }) => status === undefined);
  const pids = facts.processes.map(({ pid }) => pid);
  const stacks = unanswered ? parseStacks(await server.stacks(pids)) : [];
  const [after, brokerMarker, heard] = await Promise.all([
    started.askAgain(unanswered ? MARKER_LIMIT_MS : PATIENT_LIMIT_MS),
    broker.writeMarker(),
    messageSink.receivesOwn(MARKER_LIMIT_MS),
  ]);
  const capture = await broker.frames(capturedFields);
  const [markers, errorLog, captureEndMarker] = await Promise.all([
    awaitMarkers(log, after),
    serverErrorLog(server, after),
    capture.until(brokerMarker.token, CAPTURE_LIMIT_MS, framesFrom),
  ]);
  const endLine = broker.log.lines[brokerMarker.index ?? -1];
  const seen: Observation = {
    deployment,
    traffic,
    application,
    user: virtualHost.name,
    server: connectFirst ? facts : withLatest(facts, after),
    processesAfter: after.reports,
    applicationLog: {
      lines: [...log.lines],
      complaint: log.lastComplaint || undefined,
      before: before.markers,
      after: markers,
    },
    serverErrorLog: {
      lines: errorLog,
      before: markersIn(errorLog, before.round.token, before.round.reports),
      after: markersIn(errorLog, after.token, after.reports),
    },
    brokerLog: read(broker.log, brokerMarker, from),
    capture: read(capture, { index: captureEndMarker }, framesFrom),
    endedAt: endLine === undefined ? clock.now() : timeOf(endLine),
    clock: clockFacts(clockBefore, await clock.read()),
    stacks,
    requests,
    arrived: messageSink.arrived,
    messageSink: { lost: messageSink.lost, unreadable: messageSink.unreadable, heard },
    timings,
  };
  lap('reading the logs');
  if (!proof || brokerMarker.index === undefined || captureEndMarker === undefined || !isClean(seen))
    return seen;
  const afterClean = await awaitDrop(broker, from, virtualHost, server, deployment, emit, progress);
  lap('proof');
  return { ...seen, afterClean };
}

/** A healthy server may need a while until each of its processes has answered. A stuck server never answers. */
const PATIENT_LIMIT_MS = 20_000;
/** tshark prints a packet a moment after it has passed; a busy machine may take many seconds to start it. */
const CAPTURE_LIMIT_MS = 30_000;

/** The facts with the latest report of each process. Only a process with connections can report its heartbeat. */
function withLatest(facts: ServerFacts, { reports }: Round): ServerFacts {
  const all = new Map<number, ProcessReport>();
  for (const report of [...facts.processes, ...reports]) all.set(report.pid, report);
  return { ...facts, processes: [...all.values()] };
}

function read(
  log: LogTail,
  { index, failure }: Pick<BrokerMarker, 'index' | 'failure'>,
  from: number,
): LogReading {
  return {
    lines: log.lines.slice(from),
    endMarker: index === undefined ? undefined : index - from,
    complaint: log.lastComplaint || failure,
  };
}

function clockFacts(before: ClockReading, after: ClockReading): NonNullable<Observation['clock']> {
  return {
    aheadMs: Math.round(before.aheadMs),
    uncertaintyMs: Math.ceil(Math.max(before.uncertaintyMs, after.uncertaintyMs)),
    movedMs: Math.round(after.aheadMs - before.aheadMs),
  };
}

/** The server's error log, once it has the marker of each process that reported, or the time limit is over. */
async function serverErrorLog(server: StartedServerContainer, { token, reports }: Round): Promise<string[]> {
  let lines: string[] = [];
  await until('the markers in the server’s error log', MARKER_LIMIT_MS, async () => {
    lines = (await server.serverErrorLog()).split('\n');
    return markersIn(lines, token, reports).pids.length === reports.length || undefined;
  }).catch(() => undefined);
  return lines;
}

/** Whether nothing was lost up to the logs' last markers. Later lines do not count: the drop may follow while logs are read. */
function isClean({ applicationLog, brokerLog, application, user }: Observation): boolean {
  const [, window] = parts(applicationLog);
  const errors = heartbeatErrors(parseApplicationLog(window, application), application);
  return errors.length === 0 && !hasDropped(brokerLog.lines.slice(0, brokerLog.endMarker), user);
}

/**
 * Proves the reader of the broker's log: without traffic, the broker must drop the connection. A connection that
 * survives has a heartbeat that needs no traffic. Then the container is paused, so that nothing can keep the connection.
 */
async function awaitDrop(
  broker: Broker,
  from: number,
  { name }: VirtualHost,
  server: StartedServerContainer,
  { heartbeatSeconds }: Deployment,
  emit: Emit,
  progress: ReportProgress,
): Promise<NonNullable<Observation['afterClean']>> {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  const dropWithin = async (limitMs: number) => {
    const deadline = performance.now() + limitMs;
    let read = -1;
    for (;;) {
      const { lines } = broker.log;
      if (lines.length > read) {
        read = lines.length;
        if (hasDropped(lines.slice(from), name)) return true;
      }
      if (performance.now() > deadline) return false;
      await sleep(100);
    }
  };
  progress({ step: 'proof: the drop', leftMs: brokerPatience(heartbeatSeconds).mostMs });
  const { mayMs, mustMs } = dropLimits(heartbeatSeconds);
  if (await dropWithin(mayMs)) {
    emit('proof', `no traffic: the drop was seen after ${seconds()}`);
    return { dropSeen: true, waitedMs: Math.round(performance.now() - began), livedWithoutTraffic: false };
  }
  const lived = seconds();
  await server.pause();
  progress({ step: 'proof: paused', leftMs: brokerPatience(heartbeatSeconds).mostMs });
  const dropSeen = await dropWithin(mustMs);
  const waitedMs = Math.round(performance.now() - began);
  await server.unpause();
  const seen = dropSeen ? `the drop was seen after ${seconds()}` : 'no drop was seen';
  emit('proof', `no traffic: the connection lived for ${lived}; paused: ${seen}`);
  return { dropSeen, waitedMs, livedWithoutTraffic: true };
}

/** How long to wait for a drop without traffic, milliseconds. `mayMs`: a heartbeat may prevent it. `mustMs`: nothing can. */
function dropLimits(heartbeatSeconds: number): { readonly mayMs: number; readonly mustMs: number } {
  const { mostMs } = brokerPatience(heartbeatSeconds);
  return { mayMs: mostMs + 2000, mustMs: mostMs + 5000 };
}

/** Emits the first heartbeat error that matches a drop. @returns a function that stops watching. */
function watchForFirstError(
  { log, virtualHost, application }: StartedDeployment,
  broker: Broker,
  from: number,
  emit: Emit,
  onProven: () => void,
): () => void {
  let next = 0;
  const timer = setInterval(() => {
    const errors = heartbeatErrors(parseApplicationLog(log.lines.slice(next), application), application);
    if (errors.length === 0) {
      next = log.lines.length;
      return;
    }
    const connections = connectionsOf(broker.log.lines.slice(from), virtualHost.name, application);
    const proven = matchDrops(errors, connections).find(({ drop }) => drop);
    if (!proven) return;
    clearInterval(timer);
    onProven();
    emit('error', proven.line);
    for (const line of proven.drop?.lines ?? []) emit('broker', line.trim());
  }, 200);
  return () => clearInterval(timer);
}
