import type { AmqpConnection } from '../../evidence/connection-facts.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { type CellEvidence, type ConnectionMark, PacketBit } from './page-data.ts';

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
  return {
    origin,
    endsAt: after(endOf(evidence)),
    processes: processesOf(evidence),
    requests: requests.all.map(({ id, path, sentAt, endedAt, status, failure, pid, thread }) => ({
      id,
      path,
      at: after(sentAt),
      ms: endedAt - sentAt,
      outcome: String(status ?? failure ?? 'no answer'),
      ok: status === 200,
      slowed: status === 200 && slowed.has(endedAt - sentAt),
      pid,
      thread,
    })),
    connections: connections.all.map((it) => connectionMark(it, after, textIndex)),
    packetTexts: [...texts.keys()],
    drops: brokerDrops.map(({ at, pid, connection, lines }) => ({ at: after(at), pid, connection, lines })),
    errors: heartbeatErrors.map(({ at, pid, line, drop }) => ({
      at: after(at),
      pid,
      line,
      drop: drop && indexOfDrop(evidence, drop),
    })),
    unreachable: unreachableLines.map(({ at, pid, line }) => ({ at: after(at), pid, line })),
    facts: factsOf(evidence),
    remarks: remarksOf(evidence),
    matchedBy:
      'An error is matched with a drop by the process id in the name that the client gave its connection (PROGRAM:PID:UUID), and by time: of that process, dropped before the line, not opened again since, and each drop used once.',
  };
}

/** The first request; where there is none, the first thing seen. */
function originOf({ requests, connections }: Evidence): number {
  const sent = requests.all.map(({ sentAt }) => sentAt);
  const opened = connections.all.map(({ openedAt }) => openedAt);
  return least(sent) ?? least(opened) ?? 0;
}

/**
 * The end of the window: that of the last thing seen, or until when a connection that was still open
 * is known to have been silent.
 */
function endOf({ requests, connections, heartbeatErrors, brokerDrops, unreachableLines }: Evidence): number {
  const seen = [
    ...requests.all.map(({ endedAt }) => endedAt),
    ...[...heartbeatErrors, ...brokerDrops, ...unreachableLines].map(({ at }) => at),
    ...connections.all.map(({ openedAt, endedAt, packets, silenceAtEndMs }) => {
      if (endedAt !== undefined) return endedAt;
      const last = packets.findLast(({ from }) => from === 'client');
      return last ? last.at + silenceAtEndMs : openedAt;
    }),
  ];
  return seen.reduce((latest, at) => Math.max(latest, at), 0);
}

function processesOf({ requests, connections }: Evidence): { pid: number; requests: number }[] {
  const counts = new Map<number, number>();
  for (const { pid } of requests.all) {
    if (pid !== undefined) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  }
  for (const { pid } of connections.all) {
    if (pid !== undefined && !counts.has(pid)) counts.set(pid, 0);
  }
  return [...counts].map(([pid, number]) => ({ pid, requests: number }));
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
  const { server, requests, connections, messages, workers, capture } = it;
  const report = server.report;
  const perProcess = Object.values(requests.perProcess).sort((a, b) => b - a);
  const packets = connections.all.reduce((sum, connection) => sum + connection.packets.length, 0);
  const heartbeats = connections.all.reduce((sum, connection) => sum + connection.heartbeats, 0);
  return [
    [
      'Server, by its own word',
      report
        ? `${report.server ?? 'unknown'}, ${report.mpm ?? 'no MPM'}, ${report.processes} × ${report.threads}, ${report.patched ? 'patched' : 'not patched'}`
        : 'no report',
    ],
    [
      'Versions',
      Object.entries(report?.versions ?? {})
        .flatMap(([name, version]) => (version === null ? [] : `${name} ${version}`))
        .join(', ') || 'not reported',
    ],
    ['apachectl -M lists', server.loadedMpms.join(', ') || 'no MPM'],
    ['Processes that answered', `${server.processesSeen}`],
    [
      'Requests',
      `${requests.answered} of ${requests.sent} answered with 200, ${requests.slowedMs.length} slowed by a reconnect, median ${requests.medianMs} ms, longest ${requests.maxMs} ms`,
    ],
    ['Requests per process', perProcess.join(', ') || 'none'],
    ['On a thread that owes a heartbeat', `${requests.onHeartbeatOwner}`],
    ['Sent late by at most', `${Math.round(requests.latestMs)} ms`],
    ['Messages', `${messages.arrived} of ${messages.expected} arrived`],
    [
      'AMQP connections',
      `${connections.opened} opened; at the end ${connections.established} by ss, ${connections.listed} by the broker`,
    ],
    ['Packets at the broker', `${packets}, with ${heartbeats} heartbeat frames from the client`],
    ['Heartbeat errors before the first request', `${it.heartbeatErrorsBefore}`],
    ['Requests never answered', `${workers.unanswered}`],
    [
      'Logs read to their end',
      [
        ['application', it.applicationLog.readToEnd],
        ['broker', it.brokerLog.readToEnd],
        ['packets', capture.readToEnd],
        ['server errors', it.serverErrorLogReadable],
      ]
        .map(([name, read]) => `${name} ${read ? '✓' : '✕'}`)
        .join(', '),
    ],
  ];
}

function remarksOf(it: Evidence): { title: string; lines: string[] }[] {
  const complaints = [it.applicationLog, it.brokerLog, it.capture].flatMap(
    ({ complaint }) => complaint ?? [],
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
