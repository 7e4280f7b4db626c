import type { AmqpConnection, Evidence, MarkedReading, TellingLine } from '../../evidence/evidence.ts';
import type { DriverConnection, ProcessReport } from '../../evidence/process-report.ts';
import { isAnswered } from '../../evidence/request-record.ts';
import { tellersWords } from '../../verdict/tellers.ts';
import { count } from '../figures.ts';
import { isWhole } from '../slim.ts';
import { dropsInShort } from '../verdict-in-short.ts';
import { type CellEvidence, type ConnectionMark, type LineMark, PacketBit } from './page-data.ts';
import { evidenceSentence } from './verdict-words.ts';

/** The evidence of a cell as the page draws it. Pure. */
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
  const lineMark = ({ at, pid, line, drop }: TellingLine): LineMark => ({
    at: after(at),
    pid,
    line,
    drop: drop && indexOfDrop(evidence, drop),
  });
  return {
    whole: isWhole(evidence),
    sentence: evidenceSentence(evidence),
    dropWords: dropsInShort(brokerDrops),
    sent: requests.sent,
    lost: requests.failed.length,
    origin,
    endsAt: after(endOf(evidence)),
    processes: processesOf(evidence),
    requests: (requests.all ?? []).map(
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
    connections: connections.all.map((it) => connectionMark(it, after, textIndex)),
    packetTexts: [...texts.keys()],
    drops: brokerDrops.map(({ at, pid, connection, lines, teller, toldAt }) => ({
      at: after(at),
      pid,
      connection,
      lines,
      teller,
      toldAt: toldAt === undefined ? undefined : after(toldAt),
    })),
    errors: heartbeatErrors.map(lineMark),
    unreachable: unreachableLines.map(lineMark),
    facts: factsOf(evidence),
    remarks: remarksOf(evidence),
    matchedBy:
      'A line is matched with a drop by the process id in the name that the client gave its connection (PROGRAM:PID:UUID), and by time: of that process, dropped before the line, not opened again since, and each drop used once by lines of a kind. Who told of a drop is who logged the first line that matches it.',
  };
}

/** The first request; where none is held, or there is none, the first thing seen. */
function originOf({ requests, connections, ...lines }: Evidence): number {
  const sent = (requests.all ?? []).map(({ sentAt }) => sentAt);
  const seen = [...connections.all.map(({ openedAt }) => openedAt), ...timesOf(lines)];
  return least(sent) ?? least(seen) ?? 0;
}

/**
 * The end of the window: that of the last thing seen, or until when a connection that was still open
 * is known to have been silent.
 */
function endOf({ requests, connections, ...lines }: Evidence): number {
  const seen = [
    ...(requests.all ?? []).map(({ endedAt }) => endedAt),
    ...timesOf(lines),
    ...connections.all.map(({ openedAt, endedAt, packets = [], silenceAtEndMs }) => {
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

function processesOf({ requests, connections }: Evidence): { pid: number; requests: number }[] {
  const counts = new Map<number, number>();
  for (const { pid } of requests.all ?? []) {
    if (pid !== undefined) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  }
  for (const { pid } of connections.all) {
    if (pid !== undefined && !counts.has(pid)) counts.set(pid, 0);
  }
  return [...counts].map(([pid, number]) => ({ pid, requests: number }));
}

function connectionMark(
  {
    packets = [],
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

function indexOfDrop(
  { brokerDrops }: Evidence,
  drop: { connection: string; at: number },
): number | undefined {
  const index = brokerDrops.findIndex(
    ({ connection, at }) => connection === drop.connection && at === drop.at,
  );
  return index < 0 ? undefined : index;
}

function factsOf(it: Evidence): [name: string, value: string][] {
  const { server, requests, connections, messages, workers, conductor } = it;
  const { processes } = server;
  const perProcess = Object.values(requests.perProcess).sort((a, b) => b - a);
  const heartbeats = connections.all.reduce((sum, connection) => sum + connection.heartbeats, 0);
  const paid = [
    `${requests.slowedMs.length} slowed by a reconnect`,
    ...(requests.slowOtherwiseMs.length > 0 ? [`${requests.slowOtherwiseMs.length} slow otherwise`] : []),
  ];
  return [
    ['Server, by its own word', different(processes.map(serverWords)) || 'no report'],
    [
      'Heartbeat, by its own word',
      different(processes.flatMap((report) => report.connections.map(heartbeatWords))) || 'none',
    ],
    [
      'Versions',
      Object.entries(server.versions)
        .flatMap(([name, version]) => (version === null ? [] : `${name} ${version}`))
        .join(', ') || 'not reported',
    ],
    ['Modules that its program lists', server.modules.join(', ') || 'none'],
    ['Image asked for', server.imageRelease],
    ['Processes that answered', `${processes.length}`],
    [
      'Requests',
      `${requests.answered} of ${requests.sent} answered with 2xx, ${paid.join(', ')}, median ${requests.medianMs} ms, longest ${requests.maxMs} ms`,
    ],
    ['Requests per process', perProcess.join(', ') || 'none'],
    ['On a thread that owes a heartbeat', `${requests.onHeartbeatOwner}`],
    ['Sent late by at most', `${Math.round(requests.latestMs)} ms`],
    ['Messages', `${messages.arrived} of ${messages.expected} arrived`],
    [
      'AMQP connections',
      `${connections.opened} opened, ${it.brokerDrops.length} dropped${tellersWords(it.brokerDrops)}, by the broker’s log`,
    ],
    [
      'Packets at the broker',
      `${packetsWords(connections.all)}, ${heartbeats} heartbeat frames from the client`,
    ],
    ['Heartbeat errors before the first request', `${it.heartbeatErrorsBefore}`],
    ['Requests never answered', `${workers.unanswered}`],
    [
      'Marks found, before and after the window',
      `application’s log ${markWords(it.applicationLog, processes)}, server’s error log ${markWords(it.serverErrorLog, processes)}`,
    ],
    [
      'Read to the end',
      [
        ['broker’s log', it.brokerLog.readToEnd],
        ['packets', it.capture.readToEnd],
        ['messages', conductor.heard],
      ]
        .map(([name, read]) => `${name} ${read ? '✓' : '✕'}`)
        .join(', '),
    ],
  ];
}

/** What the processes say; where they differ, all of it. */
function different(words: readonly string[]): string {
  return [...new Set(words)].join(' and ');
}

function serverWords({ server, processes, threads, patched }: ProcessReport): string {
  return `${Object.values(server).join(', ')}, ${processes} × ${threads}, ${patched ? 'patched' : 'not patched'}`;
}

function heartbeatWords(connection: DriverConnection): string {
  const { heartbeatThread, heartbeatTimeoutThreshold, heartbeatRate, loop } = connection;
  const thread = heartbeatThread === null ? 'no thread' : `a ${heartbeatThread} thread`;
  return `${thread}, threshold ${heartbeatTimeoutThreshold} s, rate ${heartbeatRate}, ${loop}`;
}

function packetsWords(all: readonly AmqpConnection[]): string {
  if (all.some(({ packets }) => packets === undefined)) return 'not in this file';
  return count(
    all.reduce((sum, { packets = [] }) => sum + packets.length, 0),
    'packet',
  );
}

function markWords({ markedBefore, markedAfter }: MarkedReading, processes: readonly unknown[]): string {
  return `${markedBefore.length} and ${markedAfter.length} of ${processes.length}`;
}

function remarksOf(it: Evidence): { title: string; lines: string[] }[] {
  const readings = [it.applicationLog, it.serverErrorLog, it.brokerLog, it.capture];
  const complaints = [...readings.map(({ complaint }) => complaint), it.conductor.lost].filter(
    (complaint) => complaint !== undefined,
  );
  return [
    { title: 'Requests that failed', lines: [...it.requests.failed] },
    { title: 'Messages that never arrived', lines: [...it.messages.lost] },
    { title: 'Lines that nobody declared', lines: [...it.undeclared] },
    { title: 'Complaints of the readers', lines: complaints },
    ...it.workers.stacks.map(({ pid, frames }) => ({
      title: `Where a thread of process ${pid} stood, innermost first`,
      lines: [...frames],
    })),
  ].filter(({ lines }) => lines.length > 0);
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((least, value) => Math.min(least, value));
}
