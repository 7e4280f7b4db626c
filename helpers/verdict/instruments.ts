import { LOG_LATENCY_MS } from '../evidence/drops.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Doubt } from './causes.ts';

const APPLICATION_LOG = 'the application’s log';
const ERROR_LOG = 'the server’s error log';
const BEFORE = 'before the first AMQP request';
const AFTER = 'after the window';

/**
 * The first blind instrument; undefined: there is none. A reader that reported an error may have missed lines. A reader
 * that has not found the last marker has not read to the end.
 */
export function blindInstrument(evidence: Evidence): Doubt | undefined {
  const { applicationLog, serverErrorLog, brokerLog, capture } = evidence;
  const all = evidence.server.processes.map(({ pid }) => pid);
  const reason =
    complaintOf(APPLICATION_LOG, applicationLog) ??
    unmarked(APPLICATION_LOG, BEFORE, all, applicationLog.markerBefore) ??
    complaintOf(ERROR_LOG, serverErrorLog) ??
    unmarked(ERROR_LOG, BEFORE, all, serverErrorLog.markerBefore) ??
    // One request writes both markers, so a marker that only one log has was cut off in the other.
    unmarked(ERROR_LOG, AFTER, applicationLog.markerAfter, serverErrorLog.markerAfter) ??
    unread('the broker’s log', brokerLog) ??
    unread('the capture of the frames', capture) ??
    unsteadyClock(evidence) ??
    nameless(evidence) ??
    deafMessageSink(evidence);
  return reason === undefined ? undefined : { cause: 'blind instrument', reason };
}

/**
 * The doubt whether the log would have shown a heartbeat error of each process. Every process writes a marker through
 * the heartbeat's logger, at the heartbeat's level, before the first AMQP request and after the window. A process
 * without the second marker may have lost its logger at any time.
 */
export function unprovenLogger(
  processes: Evidence['server']['processes'],
  { markerAfter }: Pick<Evidence['applicationLog'], 'markerAfter'>,
): Doubt | undefined {
  const all = processes.map(({ pid }) => pid);
  const reason = unmarked(APPLICATION_LOG, AFTER, all, markerAfter);
  return reason === undefined ? undefined : { cause: 'logger not proven', reason };
}

type Read = Pick<Evidence['brokerLog'], 'complaint'>;

function complaintOf(what: string, { complaint }: Read): string | undefined {
  return complaint ? `the reader of ${what} reported an error: ${complaint}` : undefined;
}

function unread(what: string, log: Evidence['brokerLog']): string | undefined {
  if (!log.readToEnd) {
    return `${what} could not be read to its end${log.complaint ? `: ${log.complaint}` : ''}`;
  }
  return complaintOf(what, log);
}

function unmarked(
  log: string,
  when: string,
  asked: readonly number[],
  marked: readonly number[],
): string | undefined {
  const missing = asked.filter((pid) => !marked.includes(pid));
  if (missing.length === 0) return undefined;
  const processes = `process${missing.length === 1 ? '' : 'es'} ${missing.join(', ')}`;
  return `${processes} wrote no marker to ${log} ${when}, so the log’s silence proves nothing`;
}

/** Half of the tolerance when a line is attributed to a request by time. The other half is for lines logged late. */
const CLOCK_LIMIT_MS = LOG_LATENCY_MS / 2;

function unsteadyClock({ clock }: Evidence): string | undefined {
  if (!clock) return undefined;
  const { movedMs, uncertaintyMs } = clock;
  if (Math.abs(movedMs) > CLOCK_LIMIT_MS) {
    return `the containers’ clock moved by ${movedMs / 1000} s against this machine’s clock during the run, so requests cannot be matched with the logs`;
  }
  return uncertaintyMs > CLOCK_LIMIT_MS
    ? `the containers’ clock could only be read to within ${uncertaintyMs} ms, so requests cannot be matched with the logs`
    : undefined;
}

/** A connection without a process id in its name cannot be matched with the log of its process. */
function nameless({ connections }: Evidence): string | undefined {
  const found = connections.all.find(({ pid }) => pid === undefined);
  return (
    found &&
    `the application opened a connection named “${found.name}”, in which the record’s connectionName finds no process id`
  );
}

/** Why the message sink may have missed messages; undefined: it missed none. */
export function deafMessageSink({
  messageSink: { lost, unreadable, heard },
}: Pick<Evidence, 'messageSink'>): string | undefined {
  if (lost !== undefined) return `the message sink lost its connection to the broker: ${lost}`;
  if (unreadable !== undefined)
    return `the message sink could not read the application’s messages: ${unreadable}`;
  return heard ? undefined : 'the message sink did not receive the message that the suite published last';
}
