import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../applications/application.ts';
import { newestStable } from '../config/options.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { heartbeatErrors, parseApplicationLog, unreadMarker } from '../evidence/application-log.ts';
import { connectionsOf, hasDropped, timeOf } from '../evidence/broker-log.ts';
import { matchDrops } from '../evidence/drops.ts';
import type { ServerFacts } from '../evidence/evidence.ts';
import { beforeAndWindow } from '../evidence/evidence-of.ts';
import type { LogReading, Observation } from '../evidence/observation.ts';
import type { ProcessReport } from '../evidence/process-report.ts';
import type { RequestRecord } from '../evidence/request-record.ts';
import { parseStacks } from '../evidence/stacks.ts';
import type { Broker } from '../lab/broker.ts';
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
  readonly application?: Application;
  readonly progress?: ReportProgress;
  /** Ends the traffic at the first heartbeat error that matches a drop, because the verdict cannot change after it. */
  readonly untilReproduced?: boolean;
}

/**
 * How a row is observed. If `beside` injects a fault, the row gets a separate broker. Each process then opens and reports
 * its AMQP connection before the traffic, and no drop is awaited after the traffic.
 */
type Observing = ObserveOptions &
  Required<Pick<ObserveOptions, 'emit' | 'takeSlot' | 'application'>> & { readonly hasFault: boolean };
type ObservedRow = Pick<TrafficRow, 'deployment' | 'traffic'>;

/** A deployment under observation. */
interface ObservedDeployment {
  readonly row: ObservedRow;
  readonly timings: Observation['timings'];
  readonly started: StartedDeployment;
  readonly facts: ServerFacts;
  readonly broker: Broker;
  /** Earlier lines and frames of the broker belong to other cells. Reading them again would delay this cell's traffic. */
  readonly from: { readonly line: number; readonly frame: number };
  readonly clockBefore: ClockReading;
  readonly hasFault: boolean;
  readonly emit: Emit;
  readonly progress: ReportProgress;
}

/**
 * Observes a row once: starts the deployment, warms it, sends the traffic, and reads the logs up to their markers.
 * After a clean window it waits until the instruments have seen a drop. Everything that was started is stopped.
 *
 * @throws LabError if the row cannot be executed to its end.
 */
export async function observe(lab: Lab, row: ObservedRow, options: Observing): Promise<Observation> {
  const { served = row.deployment, hasFault, takeSlot } = options;
  // The shared broker has one release of RabbitMQ. A row with another release gets a separate broker.
  if (!hasFault && served.broker === newestStable) return observeIn(lab, row, options);
  await using own = await takeSlot('container', () => lab.withOwnBroker(served.broker));
  return await own.broker.whileItRuns((gone) => observeIn(own, row, options, gone));
}

/** @param gone is aborted when nobody waits for the observation any more. */
async function observeIn(
  lab: Lab,
  row: ObservedRow,
  options: Observing,
  gone?: AbortSignal,
): Promise<Observation> {
  const { served = row.deployment, application, emit, takeSlot, hasFault } = options;
  const { broker } = lab;
  const progress = throttled(options.progress ?? (() => undefined));
  const timings: Record<string, number> = {};
  let last = Date.now();
  const lap = (step: string) => {
    timings[step] = Date.now() - last;
    last = Date.now();
  };

  let from = { line: 0, frame: 0 };
  await using started = await startDeployment(lab, served, application, {
    emit,
    changeContainer: options.changeContainer,
    takeSlot: (part, work) => {
      progress({ step: `waits for its ${part}` });
      return takeSlot(part, () => {
        progress({ step: part });
        if (part === 'container') from = { line: broker.log.lines.length, frame: broker.framesRead };
        return work();
      });
    },
  });
  const clockBefore = await started.clock.adjust();
  if (hasFault) await connectEverywhere(started.client, application, served);
  const facts = hasFault
    ? withLatest(started.facts, await started.askAgain(PATIENT_LIMIT_MS))
    : started.facts;
  lap('start and warm-up');

  const at = { row, timings, started, facts, broker, from, clockBefore, hasFault, emit, progress };
  const requests = await sendWindow(at, lab, options, gone);
  lap('window');
  progress({ step: 'reads the logs' });
  const seen = await readLogs(at, requests);
  lap('reading the logs');
  const isRead = seen.brokerLog.endMarker !== undefined && seen.capture.endMarker !== undefined;
  if (hasFault || !isRead || !isClean(seen)) return seen;
  const afterClean = await awaitDrop(at);
  lap('proof');
  return { ...seen, afterClean };
}

/** Sends the traffic, beside what the options do meanwhile. @returns every request. */
async function sendWindow(
  at: ObservedDeployment,
  lab: Lab,
  { beside, untilReproduced }: ObserveOptions,
  gone?: AbortSignal,
): Promise<readonly RequestRecord[]> {
  const { started, emit, progress } = at;
  const { traffic } = at.row;
  emit('call', trafficWords(traffic));
  const stop = new AbortController();
  gone?.addEventListener('abort', () => stop.abort());
  const stopWatching = watchForFirstError(at, () => {
    if (untilReproduced) stop.abort();
  });
  const of = requestsOf(traffic);
  const windowEnd = Date.now() + trafficMs(traffic);
  const onSent = (done: number) =>
    progress({ step: 'window', done, of, unit: 'requests', leftMs: Math.max(0, windowEnd - Date.now()) });
  const [requests] = await Promise.all([
    sendTraffic(started.client, started.application, traffic, onSent, stop.signal),
    beside?.(started, lab),
  ]).finally(() => {
    stopWatching();
    // in case one of the two has failed
    stop.abort();
  });
  return requests;
}

/** Reads every log up to its last markers, and asks every process for its report. */
async function readLogs(
  { row, timings, started, facts, broker, from, clockBefore, hasFault }: ObservedDeployment,
  requests: readonly RequestRecord[],
): Promise<Observation> {
  const { application, server, virtualHost, clock, log, messageSink, before } = started;
  const unanswered = requests.some(({ status }) => status === undefined);
  const pids = facts.processes.map(({ pid }) => pid);
  const stacks = unanswered ? parseStacks(await server.stacks(pids)) : [];
  const [after, brokerMarker, heard] = await Promise.all([
    started.askAgain(unanswered ? MARKER_LIMIT_MS : PATIENT_LIMIT_MS),
    broker.writeMarker(),
    messageSink.receivesOwn(MARKER_LIMIT_MS),
  ]);
  const capture = await broker.frames();
  const [markers, errorLog, captureEndMarker] = await Promise.all([
    awaitMarkers(log, after),
    serverErrorLog(server, after),
    capture.until(brokerMarker.token, CAPTURE_LIMIT_MS, from.frame),
  ]);
  const endLine = broker.log.lines[brokerMarker.index ?? -1];
  return {
    deployment: row.deployment,
    traffic: row.traffic,
    application,
    user: virtualHost.name,
    server: hasFault ? facts : withLatest(facts, after),
    processesAfter: after.reports,
    applicationLog: {
      lines: [...log.lines],
      complaint: log.complaint || otherForm(unreadMarker(log.lines, after.token, application)),
      before: before.markers,
      after: markers,
    },
    serverErrorLog: {
      lines: errorLog,
      before: markersIn(errorLog, before.round.token, before.round.reports),
      after: markersIn(errorLog, after.token, after.reports),
    },
    brokerLog: read(broker.log, from.line, brokerMarker.index, brokerMarker.failure),
    capture: read(capture, from.frame, captureEndMarker),
    endedAt: endLine === undefined ? clock.now() : timeOf(endLine),
    clock: clockFacts(clockBefore, await clock.read()),
    stacks,
    requests,
    arrived: messageSink.arrived,
    messageSink: { lost: messageSink.lost, unreadable: messageSink.unreadable, heard },
    timings,
  };
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

/** An application may configure its logging again at its first request. */
function otherForm(marker: string | undefined): string | undefined {
  return marker === undefined
    ? undefined
    : `its lines no longer have the form of logEntry in the application’s record: ${marker}`;
}

function read(log: LogTail, from: number, index: number | undefined, failure?: string): LogReading {
  return {
    lines: log.lines.slice(from),
    endMarker: index === undefined ? undefined : index - from,
    complaint: log.complaint || failure,
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
  const [, window] = beforeAndWindow(applicationLog);
  const errors = heartbeatErrors(parseApplicationLog(window, application), application);
  return errors.length === 0 && !hasDropped(brokerLog.lines.slice(0, brokerLog.endMarker), user);
}

/**
 * Proves the reader of the broker's log: without traffic, the broker must drop the connection. A connection that
 * survives has a heartbeat that needs no traffic. Then the container is paused, so that nothing can keep the
 * connection.
 */
async function awaitDrop(at: ObservedDeployment): Promise<NonNullable<Observation['afterClean']>> {
  const { row, started, broker, from, emit, progress } = at;
  const { server, virtualHost } = started;
  const { mostMs } = brokerPatience(row.deployment.heartbeatSeconds);
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  const dropWithin = async (limitMs: number) => {
    const deadline = performance.now() + limitMs;
    let read = -1;
    for (;;) {
      const { lines } = broker.log;
      if (lines.length > read) {
        read = lines.length;
        if (hasDropped(lines.slice(from.line), virtualHost.name)) return true;
      }
      if (performance.now() > deadline) return false;
      await sleep(100);
    }
  };
  progress({ step: 'proof: the drop', leftMs: mostMs });
  // The processes still run, so a heartbeat may prevent the drop.
  if (await dropWithin(mostMs + 2000)) {
    emit('proof', `no traffic: the drop was seen after ${seconds()}`);
    return { dropSeen: true, waitedMs: Math.round(performance.now() - began), livedWithoutTraffic: false };
  }
  const lived = seconds();
  await server.pause();
  progress({ step: 'proof: paused', leftMs: mostMs });
  // Nothing can prevent it now.
  const dropSeen = await dropWithin(mostMs + 5000);
  const waitedMs = Math.round(performance.now() - began);
  await server.unpause();
  const seen = dropSeen ? `the drop was seen after ${seconds()}` : 'no drop was seen';
  emit('proof', `no traffic: the connection lived for ${lived}; paused: ${seen}`);
  return { dropSeen, waitedMs, livedWithoutTraffic: true };
}

/** Emits the first heartbeat error that matches a drop. @returns a function that stops watching. */
function watchForFirstError(
  { started, broker, from, emit }: ObservedDeployment,
  onProven: () => void,
): () => void {
  const { log, virtualHost, application } = started;
  let next = 0;
  const timer = setInterval(() => {
    const errors = heartbeatErrors(parseApplicationLog(log.lines.slice(next), application), application);
    if (errors.length === 0) {
      next = log.lines.length;
      return;
    }
    const connections = connectionsOf(broker.log.lines.slice(from.line), virtualHost.name, application);
    const proven = matchDrops(errors, connections).find(({ drop }) => drop);
    if (!proven) return;
    clearInterval(timer);
    onProven();
    emit('error', proven.line);
    for (const line of proven.drop?.lines ?? []) emit('broker', line.trim());
  }, 200);
  return () => clearInterval(timer);
}
