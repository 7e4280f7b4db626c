import type { Application } from '../applications/application.ts';
import { ANY_MARKER, markerOf } from '../config/probe.ts';
import type { Server } from '../servers/server.ts';
import { UnreadableError } from './unreadable.ts';

/** An entry of the application's log, with the lines of a traceback that belong to it. */
export interface LogEntry {
  /** Milliseconds since the epoch, by the clock of the container's machine. */
  readonly at: number;
  readonly pid: number;
  readonly level: string;
  /** Empty where the log's form does not name it. */
  readonly logger: string;
  readonly message: string;
  /** The line as it stands in the file. */
  readonly line: string;
  readonly continuation: readonly string[];
}

/**
 * Reads lines in the form of the application's log; what comes before the first entry is kept as an entry of level
 * `UNKNOWN`.
 *
 * @throws UnreadableError for an entry without a time.
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
 * The first line of a marker that, read in the form of the application's log, is not the entry that it is: of another
 * process, of another level than INFO, or none at all. Then no other entry can be told either.
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

/** Milliseconds since the epoch, of seconds since then or of a time like ISO 8601's, which is UTC where it names no zone. */
function epochOf(time: string): number {
  const iso = time.replace(' ', 'T').replace(',', '.');
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(iso);
  const at = /^\d+(\.\d+)?$/.test(time) ? Number(time) * 1000 : Date.parse(hasZone ? iso : `${iso}Z`);
  if (Number.isNaN(at)) throw new UnreadableError(`the application’s log has a time that is none: ${time}`);
  return at;
}

/** The entries that one of the application's signatures calls a heartbeat error. */
export function heartbeatErrors(entries: readonly LogEntry[], { signatures }: Application): LogEntry[] {
  return entries.filter(({ message }) =>
    signatures.heartbeatErrors.some(({ pattern }) => pattern.test(message)),
  );
}

/** The entries in which a request says that it met a dead connection. */
export function unreachableLines(entries: readonly LogEntry[], { signatures }: Application): LogEntry[] {
  return entries.filter(({ message }) => signatures.unreachable?.test(message));
}

/**
 * The entries of the heartbeat's own logger that no known form matches. A release that words a lost connection anew
 * shows up here. Debug messages are left out: no deployment that is not being debugged prints them.
 */
export function unknownEntries(
  entries: readonly LogEntry[],
  { heartbeatLogger, signatures }: Pick<Application, 'heartbeatLogger' | 'signatures'>,
): LogEntry[] {
  const { heartbeatErrors, unreachable, others = [] } = signatures;
  const known = [
    ...heartbeatErrors.map(({ pattern }) => pattern),
    ...(unreachable ? [unreachable] : []),
    ...others,
  ];
  return entries.filter(
    ({ logger, level, message }) =>
      logger === heartbeatLogger &&
      level !== 'DEBUG' &&
      !ANY_MARKER.test(message) &&
      !known.some((pattern) => pattern.test(message)),
  );
}

const SEVERE = ['ERROR', 'CRITICAL', 'FATAL', 'UNKNOWN', 'TRACE'];

/**
 * Entries at ERROR or above, and tracebacks, that nobody accounts for. A traceback belongs to the entry above it; any
 * other entry stands for itself, even one of the same process and millisecond.
 *
 * @param accounted entries whose cause is known, such as a connection that the broker dropped. A traceback behind one
 *   is not accounted for.
 */
export function entriesNotAllowed(
  entries: readonly LogEntry[],
  { allowedErrors = [] }: Pick<Application, 'allowedErrors'>,
  accounted: ReadonlySet<LogEntry> = new Set(),
): string[] {
  return logged(entries)
    .filter(({ entry, traceback }) => traceback || (SEVERE.includes(entry.level) && !accounted.has(entry)))
    .map(({ lines }) => lines.join('\n'))
    .filter((block) => !allowedErrors.some((pattern) => pattern.test(block)));
}

interface Logged {
  readonly entry: LogEntry;
  readonly lines: string[];
  traceback: boolean;
}

/**
 * Each entry with its traceback. oslo.log writes every line of a traceback as an entry of its own, with the time,
 * process and logger of the first one (`logging_exception_prefix`).
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
    const it = { entry, lines, traceback: begins };
    all.push(it);
    latest.set(key, it);
  }
  return all;
}

const TRACEBACK = /^Traceback \(most recent call last\):/;
/** Between two tracebacks of one exception (https://docs.python.org/3/library/traceback.html). */
const CHAINED = /^(During handling of the above exception|The above exception was the direct cause)/;

function isOfTraceback(message: string): boolean {
  return message.trim() === '' || /^\s/.test(message) || CHAINED.test(message) || EXCEPTION.test(message);
}

/**
 * What the server logged in one go: a line, or the lines of a traceback; other threads may write between them. Where the
 * server does not name them, tracebacks that were begun in each other share the lines that follow, and each has one end.
 */
function blocks(log: string): string[] {
  const all: string[][] = [];
  const tracebacks = new Map<string, string[][]>();
  for (const line of log.split('\n')) {
    const thread = /\[pid \d+:tid \d+\]/.exec(line)?.[0] ?? '';
    const text = line.replace(/^(\[[^\]]*\] )+/, '');
    if (text.trim() === '') continue;
    const open = tracebacks.get(thread) ?? [];
    const last = open.at(-1);
    if (last && (/^\s/.test(text) || EXCEPTION.test(text))) {
      last.push(line);
      if (EXCEPTION.test(text)) open.pop();
      continue;
    }
    const block = [line];
    all.push(block);
    if (text.startsWith('Traceback (most recent call last)')) tracebacks.set(thread, [...open, block]);
    else tracebacks.delete(thread);
  }
  return all.map((lines) => lines.join('\n'));
}

/** With what the last traceback of the server's error log ends: `ModuleNotFoundError: No module named 'six'`. */
export function lastException(log: string): string | undefined {
  const traceback = blocks(log).findLast((block) => block.includes('Traceback (most recent call last)'));
  return traceback
    ?.split('\n')
    .at(-1)
    ?.replace(/^(\[[^\]]*\] )+/, '');
}

/** The line with which a traceback ends: `greenlet.error: cannot switch …`, `pika.exceptions.ChannelClosed: …`. */
const EXCEPTION = /^([\w.]*([Ee]rror|[Ee]xception|[Tt]imeout|[Ee]xit)\b|(\w+\.)+[A-Z]\w*(:|$))/;

/** What the server's error log has of trouble, a traceback as one, less what server and application expect. */
export function serverErrorsNotAllowed(
  log: string,
  server: Pick<Server, 'isTrouble' | 'allowedErrors'>,
  application: Pick<Application, 'allowedErrors'>,
): string[] {
  const expected = [...server.allowedErrors, ...(application.allowedErrors ?? [])];
  return blocks(log)
    .filter((block) => server.isTrouble(block) && !ANY_MARKER.test(block))
    .filter((block) => !expected.some((pattern) => pattern.test(block)));
}

/** greenlet refuses to wake a greenlet of another native thread: whoever waited for it waits for ever. */
const CROSS_THREAD = /greenlet\.error: cannot switch to a different thread/g;

/** How often the server's error log says that a thread could not be woken. */
export function countCrossThreadErrors(log: string): number {
  return [...log.matchAll(CROSS_THREAD)].length;
}
