import { count } from '../../config/count.ts';
import type { AmqpConnection, Evidence, LostConnectionLine, MarkedReading } from '../../evidence/evidence.ts';
import { type DriverConnection, type ProcessReport, patchedWords } from '../../evidence/process-report.ts';
import { isAnswered } from '../../evidence/request-record.ts';
import { countLoggedBy, loggedByWords } from '../../verdict/logged-by.ts';
import { type CellEvidence, type ConnectionMark, type LineMark, PacketBit } from './page-data.ts';

/** The evidence of a row as the page draws it. */
export function cellEvidence(evidence: Evidence): CellEvidence {
  const { requests, connections, brokerDrops, heartbeatErrors, unreachableLines } = evidence;
  const origin = originOf(evidence);
  const after = (at: number) => Math.round(at - origin);
  const texts = new Map<string, number>();
  const textIndex = (text: string) => {
    const index = texts.get(text) ?? texts.size;
    texts.set(text, index);
    return index;
  };
  const slowed = new Set(requests.slowedMs);
  const slowOtherwise = new Set(requests.slowOtherwiseMs);
  const lineMark = ({ at, pid, line, drop }: LostConnectionLine): LineMark => {
    const index = brokerDrops.findIndex(
      (other) => other.connection === drop?.connection && other.at === drop.at,
    );
    return { at: after(at), pid, line, drop: index < 0 ? undefined : index };
  };
  return {
    origin,
    endsAt: after(endOf(evidence)),
    requests: requests.all.map(
      ({ id, path, sentAt, endedAt, status, failure, pid, thread, reconnected = false }) => {
        const [ms, ok] = [endedAt - sentAt, isAnswered({ status })];
        return {
          id,
          path,
          at: after(sentAt),
          ms,
          outcome: String(status ?? failure ?? 'no answer'),
          ok,
          slowed: ok && reconnected && slowed.has(ms),
          slowOtherwise: ok && !reconnected && slowOtherwise.has(ms),
          pid,
          thread,
        };
      },
    ),
    connections: connections.all.map((connection) => connectionMark(connection, after, textIndex)),
    packetTexts: [...texts.keys()],
    drops: brokerDrops.map(({ at, pid, connection, lines, loggedBy, loggedAt }) => ({
      at: after(at),
      pid,
      connection,
      lines,
      loggedBy,
      loggedAt: loggedAt === undefined ? undefined : after(loggedAt),
    })),
    errors: heartbeatErrors.map(lineMark),
    unreachable: unreachableLines.map(lineMark),
    facts: factsOf(evidence),
    remarks: remarksOf(evidence),
  };
}

/** The first request; without requests, the first thing that was seen. */
function originOf({ requests, connections, ...lines }: Evidence): number {
  const sent = requests.all.map(({ sentAt }) => sentAt);
  const seen = [...connections.all.map(({ openedAt }) => openedAt), ...timesOf(lines)];
  return least(sent) ?? least(seen) ?? 0;
}

/** The end of the window: the last thing that was seen, or the end of the silence of an open connection. */
function endOf({ requests, connections, ...lines }: Evidence): number {
  const seen = [
    ...requests.all.map(({ endedAt }) => endedAt),
    ...timesOf(lines),
    ...connections.all.map(({ openedAt, endedAt, packets, silenceAtEndMs }) => {
      if (endedAt !== undefined) return endedAt;
      const last = packets.findLast(({ from }) => from === 'client');
      return last ? last.at + silenceAtEndMs : openedAt;
    }),
  ];
  return seen.reduce((latest, at) => Math.max(latest, at), 0);
}

/** When something was logged. */
function timesOf({
  heartbeatErrors,
  brokerDrops,
  unreachableLines,
}: Pick<Evidence, 'heartbeatErrors' | 'brokerDrops' | 'unreachableLines'>): number[] {
  return [...heartbeatErrors, ...brokerDrops, ...unreachableLines].map(({ at }) => at);
}

function connectionMark(
  {
    packets,
    openedAt,
    endedAt,
    name,
    pid,
    ended,
    heartbeats,
    longestSilenceMs,
    silenceAtEndMs,
  }: AmqpConnection,
  after: (at: number) => number,
  textIndex: (text: string) => number,
): ConnectionMark {
  return {
    name,
    pid,
    at: after(openedAt),
    endedAt: endedAt === undefined ? undefined : after(endedAt),
    ended,
    heartbeats,
    longestSilenceMs,
    silenceAtEndMs,
    packets: packets.flatMap(({ at, from, heartbeat, text }, index) => {
      const before = packets[index - 1];
      const bits = (from === 'client' ? PacketBit.fromClient : 0) | (heartbeat ? PacketBit.heartbeat : 0);
      return [before ? after(at) - after(before.at) : after(at), bits, textIndex(text)];
    }),
  };
}

function factsOf(evidence: Evidence): [name: string, value: string][] {
  const { server, requests, connections, messages, workers, messageSink } = evidence;
  const { processes } = server;
  const perProcess = Object.values(requests.perProcess).sort((a, b) => b - a);
  const heartbeats = connections.all.reduce((sum, connection) => sum + connection.heartbeats, 0);
  const packets = connections.all.reduce((sum, connection) => sum + connection.packets.length, 0);
  const slow = [
    `${requests.slowedMs.length} slowed by a reconnect`,
    ...(requests.slowOtherwiseMs.length > 0 ? [`${requests.slowOtherwiseMs.length} slow otherwise`] : []),
  ];
  return [
    ['Server, as it reports itself', different(processes.map(serverWords)) || 'no report'],
    [
      'Heartbeat, as the driver reports it',
      different(processes.flatMap((report) => report.connections.map(heartbeatWords))) || 'none',
    ],
    [
      'Versions',
      Object.entries(server.versions)
        .flatMap(([name, version]) => (version === null ? [] : `${name} ${version}`))
        .join(', ') || 'not reported',
    ],
    ['Modules that the server lists', server.modules.join(', ') || 'none'],
    ['Image asked for', server.imageRelease],
    ['Processes that answered', `${processes.length}`],
    [
      'Requests',
      `${requests.answered} of ${requests.sent} answered with 2xx, ${slow.join(', ')}, median ${requests.medianMs} ms, longest ${requests.maxMs} ms`,
    ],
    ['Requests per process', perProcess.join(', ') || 'none'],
    ['Requests on a thread that started a heartbeat', `${requests.onHeartbeatOwner}`],
    ['Sent late by at most', `${Math.round(requests.latestMs)} ms`],
    ['Messages', `${messages.arrived} of ${messages.expected} arrived`],
    [
      'AMQP connections',
      `${connections.opened} opened, ${evidence.brokerDrops.length} dropped${loggedByWords(countLoggedBy(evidence.brokerDrops))}, according to the broker’s log`,
    ],
    ['Packets at the broker', `${count(packets, 'packet')}, ${heartbeats} heartbeat frames from the client`],
    ['Heartbeat errors before the first request', `${evidence.heartbeatErrorsBefore}`],
    ['Requests never answered', `${workers.unanswered}`],
    [
      'Markers found, before and after the window',
      `application’s log ${markerWords(evidence.applicationLog, processes)}, server’s error log ${markerWords(evidence.serverErrorLog, processes)}`,
    ],
    [
      'Read to the end',
      [
        ['broker’s log', evidence.brokerLog.readToEnd],
        ['packets', evidence.capture.readToEnd],
        ['messages', messageSink.heard],
      ]
        .map(([name, read]) => `${name} ${read ? '✓' : '✕'}`)
        .join(', '),
    ],
  ];
}

/** What the processes report: once if all report the same. */
function different(words: readonly string[]): string {
  return [...new Set(words)].join(' and ');
}

function serverWords(report: ProcessReport): string {
  const { server, processes, threads } = report;
  return `${Object.values(server).join(', ')}, ${processes} × ${threads}, ${patchedWords(report)}`;
}

function heartbeatWords(connection: DriverConnection): string {
  const { heartbeatThread, heartbeatTimeoutThreshold, heartbeatRate, loop } = connection;
  const thread = heartbeatThread === null ? 'no thread' : `a ${heartbeatThread} thread`;
  return `${thread}, threshold ${heartbeatTimeoutThreshold} s, rate ${heartbeatRate}, ${loop}`;
}

function markerWords({ markerBefore, markerAfter }: MarkedReading, processes: readonly unknown[]): string {
  return `${markerBefore.length} and ${markerAfter.length} of ${processes.length}`;
}

function remarksOf(evidence: Evidence): { title: string; lines: string[] }[] {
  const { applicationLog, serverErrorLog, brokerLog, capture, messageSink } = evidence;
  const readings = [applicationLog, serverErrorLog, brokerLog, capture];
  const complaints = [...readings.map(({ complaint }) => complaint), messageSink.lost].filter(
    (complaint) => complaint !== undefined,
  );
  return [
    { title: 'Requests that failed', lines: [...evidence.requests.failed] },
    { title: 'Messages that never arrived', lines: [...evidence.messages.lost] },
    { title: 'Lines that are not allowed', lines: [...evidence.notAllowed] },
    { title: 'Errors while reading the logs', lines: complaints },
    ...evidence.workers.stacks.map(({ pid, frames }) => ({
      title: `Where a thread of process ${pid} was stuck, innermost first`,
      lines: [...frames],
    })),
  ].filter(({ lines }) => lines.length > 0);
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((least, value) => Math.min(least, value));
}
