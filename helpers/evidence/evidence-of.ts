import type { Application } from '../applications/application.ts';
import { asksOf } from '../applications/routes.ts';
import { serverOf } from '../deployment/deployment.ts';
import {
  countCrossThreadErrors,
  entriesNotAllowed,
  heartbeatErrors,
  parseApplicationLog,
  serverErrorsNotAllowed,
  unknownEntries,
  unreachableLines,
} from './application-log.ts';
import { connectionsOf, droppedLines } from './broker-log.ts';
import { connectionFacts } from './connection-facts.ts';
import { dropsOf, matchDrops, nearDrops, reconnectedRequests } from './drops.ts';
import type { Evidence, MarkedReading, RequestFact } from './evidence.ts';
import { parseCapture } from './frames.ts';
import { median } from './median.ts';
import type { LogReading, MarkedLog, Observation } from './observation.ts';
import { isAnswered, type RequestRecord } from './request-record.ts';

/** A request that takes so long is slow, whatever the reason; milliseconds. */
export const SLOW_FROM_MS = 1000;

/** Draws the facts out of an observation. @throws UnreadableError for an instrument that says what is not known. */
export function evidenceOf(seen: Observation): Evidence {
  const { application, applicationLog, serverErrorLog } = seen;
  const [before, window] = parts(applicationLog);
  const entries = parseApplicationLog(window, application);
  const connections = connectionsOf(
    seen.brokerLog.lines.slice(0, seen.brokerLog.endMarker),
    seen.user,
    application,
  );
  const [ofHeartbeat, ofRequests] = [
    heartbeatErrors(entries, application),
    unreachableLines(entries, application),
  ];
  const [heartbeat, request] = [matchDrops(ofHeartbeat, connections), matchDrops(ofRequests, connections)];
  const accounted = new Set([
    ...ofHeartbeat.filter((_, index) => heartbeat[index]?.drop),
    ...ofRequests.filter((_, index) => request[index]?.drop),
  ]);
  const requests = requestFacts(seen.requests, reconnectedRequests(seen.requests.map(served), request));
  const answered = requests.filter(isAnswered);
  const { slowFromMs = 0 } = application.signatures;
  const isSlowed = (it: RequestFact) => it.reconnected === true && duration(it) >= slowFromMs;
  const errorLog = serverErrorLog.lines.join('\n');
  return {
    server: seen.server,
    clock: seen.clock,
    heartbeatErrorsBefore: heartbeatErrors(parseApplicationLog(before, application), application).length,
    heartbeatErrors: heartbeat,
    unreachableLines: request,
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
        .filter((it) => !isAnswered(it))
        .map(({ id, path, status, failure }) => `${path} ${id}: ${status ?? failure}`),
      slowedMs: answered.filter(isSlowed).map(duration),
      slowOtherwiseMs: answered.filter((it) => !isSlowed(it) && duration(it) >= SLOW_FROM_MS).map(duration),
      latestMs: Math.max(0, ...seen.requests.map(({ sentAt, dueAt }) => sentAt - dueAt)),
      medianMs: Math.round(median(answered.map(duration)) ?? 0),
      medianMsOf: mediansOf(answered, application),
      maxMs: Math.max(0, ...answered.map(duration)),
      perProcess: countBy(answered, ({ pid }) => String(pid ?? 'unknown')),
      onHeartbeatOwner: seen.requests.filter(
        (it) => isAnswered(it) && (it.servedBy?.heartbeatOwners.includes(it.servedBy.thread) ?? false),
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
      ...entriesNotAllowed(parseApplicationLog(before, application), application),
      ...entriesNotAllowed(entries, application, accounted),
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

/** What was logged before the first AMQP request, and from then on to the end of the window, less the markers. */
export function parts({ lines, before, after }: MarkedLog): [before: string[], window: string[]] {
  const from = before.last === undefined ? 0 : before.last + 1;
  return [lines.slice(0, from), lines.slice(from, after.first)];
}

/** What became of the messages that answered requests published. */
function messagesOf(
  answered: readonly RequestFact[],
  { application: { routes }, arrived }: Pick<Observation, 'application' | 'arrived'>,
): Evidence['messages'] {
  const publishing = [routes.amqp, ...(routes.call ? [routes.call] : [])];
  const counts = answered.flatMap(({ id, path }) => {
    const ask = publishing.find((it) => it.path === path);
    if (!ask) return [];
    const expected = ask.messages ?? 1;
    return [{ id, expected, came: Math.min(expected, arrived.get(id) ?? 0) }];
  });
  return {
    expected: counts.reduce((sum, { expected }) => sum + expected, 0),
    arrived: counts.reduce((sum, { came }) => sum + came, 0),
    lost: counts
      .filter(({ expected, came }) => came < expected)
      .map(({ id, expected, came }) => (expected === 1 ? id : `${id} (${came} of ${expected} messages)`)),
  };
}

function requestFacts(records: readonly RequestRecord[], reconnected: ReadonlySet<string>): RequestFact[] {
  return records.map((record) => ({
    ...served(record),
    ...(reconnected.has(record.id) && { reconnected: true }),
  }));
}

function served({ id, path, sentAt, endedAt, status, failure, servedBy }: RequestRecord): RequestFact {
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
    Object.entries(asksOf(application)).flatMap(([route, ask]) => {
      const middle = median(answered.filter(({ path }) => path === ask?.path).map(duration));
      return middle === undefined ? [] : [[route, Math.round(middle)]];
    }),
  );
}

function duration({ sentAt, endedAt }: RequestFact): number {
  return endedAt - sentAt;
}

function countBy<T>(things: readonly T[], key: (thing: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const thing of things) counts[key(thing)] = (counts[key(thing)] ?? 0) + 1;
  return counts;
}
