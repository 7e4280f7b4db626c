import { durationWords, refWords } from '../../diagnosis/diagnosis-words.ts';
import type { BrokerHistory, Opening } from '../../diagnosis/history/broker-history.ts';
import type { ConnectionHistory } from '../../diagnosis/history/connection-history.ts';
import { brokerPatience } from '../../rows/traffic.ts';
import type { ConnectionBar, MarkData, ProcessLane } from '../page/timeline-data.ts';
import { processWords } from './log-events.ts';
import type { LoggedProcess, TimedRequest } from './log-processes.ts';

/** What is the same for all timelines of a page. */
export interface Frame {
  readonly broker: BrokerHistory;
  /** The time that is drawn, by the broker's clock. */
  readonly from: number;
  readonly to: number;
  /** A time as the zone's clock shows it, as if that were UTC. */
  readonly shown: (at: number) => number;
  readonly words: (at: number) => string;
}

/** A lane, and how many connections it leaves out. */
export interface DrawnLane extends ProcessLane {
  readonly notDrawn: number;
}

/** A lane with more of these is no clearer. Connections that the broker dropped, or that ended in another way than a close, are always drawn. */
const MOST = { others: 60, requests: 120 } as const;

/** The lane of a process. `rowOf` gives the row of the end of a connection. */
export function processLane(
  process: LoggedProcess,
  frame: Frame,
  rowOf: (connection: ConnectionHistory) => string | undefined,
): DrawnLane {
  const { pid, drops, otherEnds } = process;
  const requests = process.requests.filter((at) => at >= frame.from && at <= frame.to);
  const notable = process.notable.filter(({ from, to }) => to >= frame.from && from <= frame.to);
  const ended = [...drops.map(({ drop }) => drop), ...otherEnds].filter(({ endedAt }) => endedAt <= frame.to);
  const others = process.others.filter(({ at }) => at <= frame.to);
  return {
    label: pid === undefined ? 'unknown process' : processWords(pid),
    short: pid === undefined ? '?' : `pid ${pid}`,
    count: requests.length + notable.length,
    requests: [
      ...joinedRequests(requests, frame),
      ...notable.map((request) => notableRequest(request, frame)),
    ],
    connections: [
      ...ended.map((connection) => endedBar(connection, frame, rowOf(connection))),
      ...others.slice(0, MOST.others).map((connection) => otherBar(connection, frame)),
    ],
    notDrawn: Math.max(0, others.length - MOST.others),
  };
}

/** A connection that ended without its client's consent. Only before a drop is it known that the broker heard nothing. */
function endedBar(
  connection: ConnectionHistory,
  { shown, words }: Frame,
  row: string | undefined,
): ConnectionBar {
  const { openedAt, endedAt, ended, timeoutSeconds, peer, name, ref } = connection;
  const isDropped = ended === 'missed heartbeats';
  const silence =
    isDropped && timeoutSeconds !== undefined ? brokerPatience(timeoutSeconds).leastMs : undefined;
  const silentFrom = silence === undefined ? undefined : Math.max(endedAt - silence, openedAt ?? 0);
  const how = isDropped ? 'dropped by the broker' : ended;
  return {
    kind: 'connection',
    at: shown(openedAt ?? silentFrom ?? endedAt),
    until: shown(endedAt),
    silentFrom: silentFrom === undefined ? undefined : shown(silentFrom),
    end: isDropped ? 'dropped' : 'closed',
    title: `An AMQP connection, ${how}`,
    details: [
      openedAt === undefined ? 'its opening is not in the log' : `opened at ${words(openedAt)}`,
      `${how} at ${words(endedAt)}`,
      ...(silence === undefined
        ? []
        : [`the broker heard nothing for ${silence / 1000} s before that, at least`]),
      `${name} at ${peer}`,
      refWords(ref),
    ],
    row,
    packets: [],
  };
}

/** A connection that its client closed, that ended with the broker, or whose end is not in the log. */
function otherBar(opening: Opening, { broker, to, shown, words }: Frame): ConnectionBar {
  const { at, closedAt, address, port, program, pid, id } = opening;
  const restart = broker.restarts.all.find(
    (restart) => restart.broker === opening.broker && (restart.at ?? 0) > at,
  )?.at;
  const endedAt = closedAt ?? restart;
  const how = closedAt !== undefined ? 'closed by the client' : 'ended with the broker';
  return {
    kind: 'connection',
    at: shown(at),
    until: shown(endedAt ?? Math.max(at, broker.last ?? to)),
    end: endedAt === undefined ? 'open' : 'closed',
    title: `An AMQP connection, ${endedAt === undefined ? 'open as far as the log shows' : how}`,
    details: [
      `opened at ${words(at)}`,
      // After a crash, only the time of the next start is known.
      endedAt === undefined
        ? 'its end is not in the log'
        : `${how} ${closedAt === undefined ? 'by' : 'at'} ${words(endedAt)}`,
      `${program}:${pid}:${id} at ${address}:${port}`,
    ],
    packets: [],
  };
}

function notableRequest(
  { from, to, isFailed, isTied, requestIds }: TimedRequest,
  { shown, words }: Frame,
): MarkData {
  return {
    kind: isFailed ? 'failed request' : isTied ? 'slowed request' : 'request slow otherwise',
    at: shown(from),
    until: shown(to),
    title: `A request that ${isFailed ? 'failed' : `took ${durationWords(to - from)}`}${isTied ? ', and met a dead connection' : ''}`,
    details: [`from ${words(from)} to ${words(to)}`, ...requestIds],
  };
}

/** Requests, those that are close together in one mark, so that there are not too many. */
function joinedRequests(times: readonly number[], { shown, words }: Frame): MarkData[] {
  const sorted = [...times].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((at, index) => at - (sorted[index] as number));
  // The largest gaps separate the marks.
  const joined = gaps.toSorted((a, b) => b - a)[MOST.requests - 1] ?? -1;
  const marks: { from: number; to: number; count: number }[] = [];
  for (const [index, at] of sorted.entries()) {
    const mark = marks.at(-1);
    if (mark && (gaps[index - 1] as number) <= joined) {
      mark.to = at;
      mark.count += 1;
    } else marks.push({ from: at, to: at, count: 1 });
  }
  return marks.map(({ from, to, count }) => ({
    kind: 'request',
    at: shown(from),
    until: shown(to),
    title: count === 1 ? 'A request' : `${count} requests, at most ${durationWords(joined)} apart`,
    details: [count === 1 ? words(from) : `from ${words(from)} to ${words(to)}`],
  }));
}
