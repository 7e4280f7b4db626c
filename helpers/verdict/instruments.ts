import { LOG_LATENCY_MS } from '../evidence/drops.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Doubt } from './causes.ts';

/**
 * The first instrument that was blind, or undefined. A reader that complained may have missed what stood in the
 * log; one that has not found the line that was left last, on purpose, has not read to the end.
 */
export function blindInstrument(it: Evidence): Doubt | undefined {
  const { applicationLog, serverErrorLog } = it;
  const all = it.server.processes.map(({ pid }) => pid);
  const reason =
    complaintOf('the application’s log', applicationLog) ??
    unmarked('the application’s log, before the first AMQP request,', all, applicationLog.markerBefore) ??
    complaintOf('the server’s error log', serverErrorLog) ??
    unmarked('the server’s error log, before the first AMQP request,', all, serverErrorLog.markerBefore) ??
    // The same request left both: what only one of them has was cut off in the other.
    unmarked(
      'the server’s error log, after the window,',
      applicationLog.markerAfter,
      serverErrorLog.markerAfter,
    ) ??
    unread('the broker’s log', it.brokerLog) ??
    unread('the capture of the frames', it.capture) ??
    unsteadyClock(it) ??
    nameless(it) ??
    deafMessageSink(it);
  return reason === undefined ? undefined : { cause: 'blind instrument', reason };
}

/**
 * Whether the log would have shown a heartbeat error of each process. The marker is left in each of them, through
 * the logger of the heartbeat and at its level, before the first AMQP request and once more after the window. A
 * process that does not leave the second one may have lost its logger at any time since the first.
 */
export function unprovenLogger(
  processes: Evidence['server']['processes'],
  { markerAfter }: Pick<Evidence['applicationLog'], 'markerAfter'>,
): Doubt | undefined {
  const all = processes.map(({ pid }) => pid);
  const reason = unmarked('the application’s log, after the window,', all, markerAfter);
  return reason === undefined ? undefined : { cause: 'logger not proven', reason };
}

type Read = Pick<Evidence['brokerLog'], 'complaint'>;

function complaintOf(what: string, { complaint }: Read): string | undefined {
  return complaint ? `${what} was disturbed while it was read: ${complaint}` : undefined;
}

function unread(what: string, log: Evidence['brokerLog']): string | undefined {
  if (!log.readToEnd) {
    return `${what} could not be read to its end${log.complaint ? `: ${log.complaint}` : ''}`;
  }
  return complaintOf(what, log);
}

function unmarked(where: string, asked: readonly number[], marked: readonly number[]): string | undefined {
  const missing = asked.filter((pid) => !marked.includes(pid));
  if (missing.length === 0) return undefined;
  return `${where} shows no marker of process ${missing.join(', ')}, which was asked to leave one: what it does not show says nothing`;
}

/** Half of what an attribution by time allows for: the other half is for lines that are logged late. */
const CLOCK_LIMIT_MS = LOG_LATENCY_MS / 2;

/** Where it is not known by how much two clocks differ, requests cannot be held against what was logged. */
function unsteadyClock({ clock }: Evidence): string | undefined {
  if (!clock) return undefined;
  const { movedMs, uncertaintyMs } = clock;
  if (Math.abs(movedMs) > CLOCK_LIMIT_MS) {
    return `the containers’ clock moved by ${movedMs / 1000} s against this machine’s during the run: requests cannot be matched with the logs`;
  }
  return uncertaintyMs > CLOCK_LIMIT_MS
    ? `the containers’ clock could only be read to ${uncertaintyMs} ms: requests cannot be matched with the logs`
    : undefined;
}

/** What a connection without a process in its name does cannot be held against what that process logs. */
function nameless({ connections }: Evidence): string | undefined {
  const it = connections.all.find(({ pid }) => pid === undefined);
  return (
    it && `the application opened a connection named “${it.name}”, and no process id can be read in that`
  );
}

/** Why the message sink may have missed messages, or undefined. */
export function deafMessageSink({
  messageSink: { lost, unreadable, heard },
}: Pick<Evidence, 'messageSink'>): string | undefined {
  if (lost !== undefined) return `the message sink lost the broker: ${lost}`;
  if (unreadable !== undefined)
    return `the message sink could not read the application’s messages: ${unreadable}`;
  return heard ? undefined : 'the message sink did not get a message that the suite published last';
}
