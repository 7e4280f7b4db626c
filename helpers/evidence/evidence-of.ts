import type { Application } from '../applications/application.ts';
import { asksOf } from '../applications/routes.ts';
import { sum } from '../config/sum.ts';
import { serverOf } from '../deployment/deployment.ts';
import { SLOW_FROM_MS } from '../rows/expectation.ts';
import { countProcesses } from './access-log.ts';
import {
  countCrossThreadErrors,
  entriesNotAllowed,
  heartbeatErrors,
  type LogEntry,
  otherLoggers,
  parseApplicationLog,
  serverErrorsNotAllowed,
  unknownEntries,
  unreachableLines,
} from './application-log.ts';
import { connectionsOf, droppedLines } from './broker-log.ts';
import { connectionFacts } from './connection-facts.ts';
import { dropsOf, matchDrops, nearDrops, reconnectedRequests } from './drops.ts';
import type { Evidence, LostConnectionLine, MarkedReading, RequestFact } from './evidence.ts';
import { parseCapture } from './frames.ts';
import { median } from './median.ts';
import type { LogReading, MarkedLog, Observation } from './observation.ts';
import { isAnswered, isSlowed, type RequestRecord } from './request-record.ts';

/** Extracts the facts from an observation. @throws UnreadableError if an instrument's output is not understood. */
export function evidenceOf(seen: Observation): Evidence {
  const { application, applicationLog, serverErrorLog } = seen;
  const [before, entries] = beforeAndWindow(applicationLog).map((lines) =>
    parseApplicationLog(lines, application),
  ) as [LogEntry[], LogEntry[]];
  const connections = connectionsOf(
    seen.brokerLog.lines.slice(0, seen.brokerLog.endMarker),
    seen.user,
    application,
  );
  const ofHeartbeat = heartbeatErrors(entries, application);
  const ofRequests = unreachableLines(entries, application);
  // Lines of requests name their connections, and those of the heartbeat do not.
  const request = matchDrops(ofRequests, connections);
  const heartbeat = matchDrops(ofHeartbeat, connections, request);
  const explained = new Set([
    ...ofHeartbeat.filter((_, index) => heartbeat[index]?.drop),
    ...ofRequests.filter((_, index) => request[index]?.drop),
  ]);
  const requests = requestFacts(seen.requests, request);
  const answered = requests.filter(isAnswered);
  const { slowFromMs } = application.signatures;
  const errorLog = serverErrorLog.lines.join('\n');
  return {
    server: seen.server,
    clock: seen.clock,
    heartbeatErrorsBefore: heartbeatErrors(before, application).length,
    heartbeatErrors: heartbeat,
    unreachableLines: request,
    otherLoggers: otherLoggers(ofHeartbeat, application),
    unknownLines: nearDrops(unknownEntries(entries, application), connections).map(({ line }) => line),
    brokerDrops: dropsOf(connections, { heartbeat, request }),
    connections: {
      opened: connections.length,
      all: connectionFacts(
        connections,
        parseCapture(seen.capture.lines.slice(0, seen.capture.endMarker)),
        seen.endedAt,
      ),
    },
    requests: {
      sent: requests.length,
      answered: answered.length,
      failed: requests
        .filter((fact) => !isAnswered(fact))
        .map(({ id, path, status, failure }) => `${path} ${id}: ${status ?? failure}`),
      slowedMs: answered.filter((fact) => isSlowed(fact, slowFromMs)).map(duration),
      slowOtherwiseMs: answered
        .filter((fact) => !isSlowed(fact, slowFromMs) && duration(fact) >= SLOW_FROM_MS)
        .map(duration),
      latestMs: Math.max(0, ...seen.requests.map(({ sentAt, dueAt }) => sentAt - dueAt)),
      medianMs: Math.round(median(answered.map(duration)) ?? 0),
      medianMsOf: mediansOf(answered, application),
      maxMs: Math.max(0, ...answered.map(duration)),
      perProcess: countProcesses(answered),
      onHeartbeatOwner: seen.requests.filter(
        (sent) => isAnswered(sent) && sent.servedBy?.heartbeatOwners.includes(sent.servedBy.thread),
      ).length,
      all: requests,
    },
    workers: {
      unanswered: requests.filter(({ status }) => status === undefined).length,
      crossThreadErrors: countCrossThreadErrors(errorLog),
      stacks: seen.stacks,
    },
    messages: messagesOf(answered, seen),
    notAllowed: [
      ...entriesNotAllowed(before, application),
      ...entriesNotAllowed(entries, application, explained),
      ...serverErrorsNotAllowed(errorLog, serverOf(seen.deployment), application),
    ],
    applicationLog: markedReading(applicationLog),
    serverErrorLog: markedReading(serverErrorLog),
    brokerLog: reading({
      ...seen.brokerLog,
      complaint: seen.brokerLog.complaint ?? droppedLines(seen.brokerLog.lines),
    }),
    capture: reading(seen.capture),
    messageSink: seen.messageSink,
    afterClean: seen.afterClean,
    timings: seen.timings,
  };
}

/** The lines up to the first AMQP request, and those of the window. The markers after the window belong to neither. */
export function beforeAndWindow({ lines, before, after }: MarkedLog): [before: string[], window: string[]] {
  const from = before.last === undefined ? 0 : before.last + 1;
  return [lines.slice(0, from), lines.slice(from, after.first)];
}

/** How many messages of the answered requests arrived, of those that the application's record declares. */
function messagesOf(
  answered: readonly RequestFact[],
  { application: { routes }, arrived }: Pick<Observation, 'application' | 'arrived'>,
): Evidence['messages'] {
  const publishing = [routes.amqp, ...(routes.call ? [routes.call] : [])];
  const counts = answered.flatMap(({ id, path }) => {
    const route = publishing.find((each) => each.path === path);
    if (!route) return [];
    const expected = route.messages ?? 1;
    return [{ id, expected, came: arrived.get(id) ?? 0 }];
  });
  return {
    expected: sum(counts, ({ expected }) => expected),
    arrived: sum(counts, ({ expected, came }) => Math.min(expected, came)),
    publishing: counts.length,
    withMore: counts.filter(({ expected, came }) => came > expected).length,
    lost: counts
      .filter(({ expected, came }) => came < expected)
      .map(({ id, expected, came }) => (expected === 1 ? id : `${id} (${came} of ${expected} messages)`)),
  };
}

/** @param lines in which a request logs that it met a dead connection. */
function requestFacts(
  records: readonly RequestRecord[],
  lines: readonly LostConnectionLine[],
): RequestFact[] {
  const facts = records.map(factOf);
  const reconnected = reconnectedRequests(facts, lines);
  return facts.map((fact) => (reconnected.has(fact.id) ? { ...fact, reconnected: true } : fact));
}

function factOf({ id, path, sentAt, endedAt, status, failure, servedBy }: RequestRecord): RequestFact {
  return { id, path, sentAt, endedAt, status, failure, pid: servedBy?.pid, thread: servedBy?.thread };
}

function reading({ lines, endMarker, complaint }: LogReading): Evidence['brokerLog'] {
  return { lines: endMarker ?? lines.length, readToEnd: endMarker !== undefined, complaint };
}

function markedReading({ lines, before, after, complaint }: MarkedLog): MarkedReading {
  return {
    lines: after.first ?? lines.length,
    markerBefore: [...before.pids],
    markerAfter: [...after.pids],
    complaint,
  };
}

function mediansOf(
  answered: readonly RequestFact[],
  application: Application,
): Evidence['requests']['medianMsOf'] {
  return Object.fromEntries(
    Object.entries(asksOf(application)).flatMap(([route, asked]) => {
      const middle = median(answered.filter(({ path }) => path === asked?.path).map(duration));
      return middle === undefined ? [] : [[route, Math.round(middle)]];
    }),
  );
}

function duration({ sentAt, endedAt }: RequestFact): number {
  return endedAt - sentAt;
}
