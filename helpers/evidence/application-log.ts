import type { Application } from '../applications/application.ts';
import { ANY_MARKER, markerOf } from '../config/probe.ts';
import { isoTimeAt } from '../logs/log-time.ts';
import type { Server } from '../servers/server.ts';
import { UnreadableError } from './unreadable.ts';

/** An entry of the application's log, with the lines that continue it. */
export interface LogEntry {
  /** Milliseconds since the epoch, by the clock of the container's machine. */
  readonly at: number;
  readonly pid: number;
  readonly level: string;
  /** Empty if the log's form does not name it. */
  readonly logger: string;
  readonly message: string;
  /** The whole line. */
  readonly line: string;
  readonly continuation: readonly string[];
}

/**
 * Reads lines in the form of the application's log. Lines before the first entry are an entry of level `UNKNOWN`.
 *
 * @throws UnreadableError if an entry's time cannot be read.
 */
export function parseApplicationLog(
  lines: readonly string[],
  { logEntry }: Pick<Application, 'logEntry'>,
): LogEntry[] {
  const entries: (LogEntry & { continuation: string[] })[] = [];
  for (const line of lines) {
    const { time, pid, level = '', logger = '', message = '' } = logEntry.exec(line)?.groups ?? {};
    if (time !== undefined) {
      entries.push({ at: epochOf(time), pid: Number(pid), level, logger, message, line, continuation: [] });
    } else if (line.trim() !== '') {
      const last = entries.at(-1);
      if (last) last.continuation.push(line);
      else
        entries.push({ at: 0, pid: 0, level: 'UNKNOWN', logger: '', message: line, line, continuation: [] });
    }
  }
  return entries;
}

/**
 * The first marker that cannot be read in the form that the application's record gives: no entry, another process, or
 * another level than INFO. No other entry of that log can be trusted then.
 */
export function unreadMarker(
  lines: readonly string[],
  token: string,
  application: Pick<Application, 'logEntry'>,
): string | undefined {
  return lines
    .filter((line) => line.includes(token))
    .find((line) => {
      const [entry] = parseApplicationLog([line], application);
      return entry?.level !== 'INFO' || !entry.message.endsWith(markerOf(token, entry.pid));
    });
}

/** Milliseconds since the epoch, from seconds since the epoch or a time like ISO 8601's: UTC if it names no zone. */
function epochOf(time: string): number {
  const at = /^\d+(\.\d+)?$/.test(time) ? Number(time) * 1000 : (isoTimeAt(time)?.ms ?? Number.NaN);
  if (Number.isNaN(at))
    throw new UnreadableError(`the application’s log has a time that cannot be read: ${time}`);
  return at;
}

/** The heartbeat errors among the entries, by the application's signatures. */
export function heartbeatErrors(entries: readonly LogEntry[], { signatures }: Application): LogEntry[] {
  return entries.filter(({ message }) =>
    signatures.heartbeatErrors.some(({ pattern }) => pattern.test(message)),
  );
}

/** The entries in which a request logs that it met a dead connection. */
export function unreachableLines(entries: readonly LogEntry[], { signatures }: Application): LogEntry[] {
  return entries.filter(({ message }) => signatures.unreachable?.test(message));
}

/** The loggers of heartbeat errors, other than the one that the application's record names. */
export function otherLoggers(
  errors: readonly LogEntry[],
  { heartbeatLogger }: Pick<Application, 'heartbeatLogger'>,
): string[] {
  const loggers = new Set(errors.map(({ logger }) => logger));
  return [...loggers].filter((logger) => logger !== '' && logger !== heartbeatLogger);
}

/**
 * The entries of the heartbeat's logger that match no known form. A release that rewords the heartbeat error shows up
 * here. Debug messages are left out, because only a deployment at log level debug prints them.
 */
export function unknownEntries(
  entries: readonly LogEntry[],
  { heartbeatLogger, signatures }: Pick<Application, 'heartbeatLogger' | 'signatures'>,
): LogEntry[] {
  const { heartbeatErrors, unreachable, others = [] } = signatures;
  const errors = heartbeatErrors.map(({ pattern }) => pattern);
  const known = [ANY_MARKER, ...errors, ...(unreachable ? [unreachable] : []), ...others];
  return entries.filter(
    ({ logger, level, message }) =>
      logger === heartbeatLogger && level !== 'DEBUG' && !known.some((pattern) => pattern.test(message)),
  );
}

const SEVERE = ['ERROR', 'CRITICAL', 'FATAL', 'UNKNOWN', 'TRACE'];

/**
 * Entries at ERROR or above, and tracebacks, that are neither allowed nor explained. A traceback belongs to the entry
 * above it.
 *
 * @param explained entries whose cause is known, such as a dropped connection. A traceback after such an entry is not
 *   explained.
 */
export function entriesNotAllowed(
  entries: readonly LogEntry[],
  { allowedErrors = [] }: Pick<Application, 'allowedErrors'>,
  explained: ReadonlySet<LogEntry> = new Set(),
): string[] {
  return logged(entries)
    .filter(({ entry, traceback }) => traceback || (SEVERE.includes(entry.level) && !explained.has(entry)))
    .map(({ lines }) => lines.join('\n'))
    .filter((block) => !allowedErrors.some((pattern) => pattern.test(block)));
}

interface Logged {
  readonly entry: LogEntry;
  readonly lines: string[];
  traceback: boolean;
}

/**
 * Each entry with its traceback. oslo.log writes each line of a traceback as a separate entry, with the time, process
 * and logger of the first (`logging_exception_prefix`).
 */
function logged(entries: readonly LogEntry[]): Logged[] {
  const all: Logged[] = [];
  const latest = new Map<string, Logged>();
  for (const entry of entries) {
    const key = [entry.at, entry.pid, entry.logger].join(' ');
    const before = latest.get(key);
    const lines = [entry.line, ...entry.continuation];
    const begins = TRACEBACK.test(entry.message) || entry.continuation.some((line) => TRACEBACK.test(line));
    if (before && (TRACEBACK.test(entry.message) || (before.traceback && isOfTraceback(entry.message)))) {
      before.lines.push(...lines);
      before.traceback = true;
      continue;
    }
    const block = { entry, lines, traceback: begins };
    all.push(block);
    latest.set(key, block);
  }
  return all;
}

const TRACEBACK = /^Traceback \(most recent call last\):/;
/** The line between two tracebacks of one exception (https://docs.python.org/3/library/traceback.html). */
const CHAINED = /^(During handling of the above exception|The above exception was the direct cause)/;

function isOfTraceback(message: string): boolean {
  return message.trim() === '' || /^\s/.test(message) || CHAINED.test(message) || EXCEPTION.test(message);
}

/**
 * The server's error log in blocks: a line, or all lines of a traceback. Threads may interleave their lines. If the
 * server does not name threads, a traceback that begins inside another takes the lines up to its own end.
 */
function blocks(log: string): string[] {
  const all: string[][] = [];
  const tracebacks = new Map<string, string[][]>();
  /** The traceback that has just ended: its exception may have several lines. */
  const ended = new Map<string, string[]>();
  for (const line of log.split('\n')) {
    const thread = /\[pid \d+:tid \d+\]/.exec(line)?.[0] ?? '';
    const text = withoutPrefix(line);
    if (text.trim() === '') continue;
    const open = tracebacks.get(thread) ?? [];
    const last = open.at(-1);
    if (last && (/^\s/.test(text) || EXCEPTION.test(text))) {
      last.push(line);
      if (EXCEPTION.test(text)) {
        open.pop();
        ended.set(thread, last);
      }
      continue;
    }
    if (/^\s/.test(text) && ended.has(thread)) {
      ended.get(thread)?.push(line);
      continue;
    }
    ended.delete(thread);
    const block = [line];
    all.push(block);
    if (text.startsWith('Traceback (most recent call last)')) tracebacks.set(thread, [...open, block]);
    else tracebacks.delete(thread);
  }
  return all.map((lines) => lines.join('\n'));
}

/** A line of the server's error log without time, level, thread and client. */
function withoutPrefix(line: string): string {
  return line.replace(/^(\[[^\]]*\] )+/, '');
}

/** The exception of the last traceback in the server's error log: `ModuleNotFoundError: No module named 'six'`. */
export function lastException(log: string): string | undefined {
  const traceback = blocks(log).findLast((block) => block.includes('Traceback (most recent call last)'));
  const lines = traceback?.split('\n').map(withoutPrefix);
  return lines?.findLast((line) => EXCEPTION.test(line)) ?? lines?.at(-1);
}

/** The last line of a traceback: `greenlet.error: cannot switch …`, `pika.exceptions.ChannelClosed: …`. */
const EXCEPTION = /^([\w.]*([Ee]rror|[Ee]xception|[Tt]imeout|[Ee]xit)\b|(\w+\.)+[A-Z]\w*(:|$))/;

/** Errors in the server's error log that neither server nor application allows; a traceback counts as one error. */
export function serverErrorsNotAllowed(
  log: string,
  server: Pick<Server, 'isTrouble' | 'allowedErrors'>,
  application: Pick<Application, 'allowedErrors'>,
): string[] {
  const allowed = [ANY_MARKER, ...server.allowedErrors, ...(application.allowedErrors ?? [])];
  return blocks(log).filter(
    (block) => server.isTrouble(block) && !allowed.some((pattern) => pattern.test(block)),
  );
}

/** greenlet refuses to wake a greenlet of another native thread. That greenlet then waits for ever. */
const CROSS_THREAD = /greenlet\.error: [Cc]annot switch to a different thread/g;

/** How often the server's error log has greenlet's refusal to wake a greenlet of another thread. */
export function countCrossThreadErrors(log: string): number {
  return [...log.matchAll(CROSS_THREAD)].length;
}
