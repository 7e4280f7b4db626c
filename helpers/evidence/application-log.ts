import type { Application } from '../config/application.ts';

/** A line that oslo.log wrote, with the lines of a traceback that belong to it. */
export interface LogEntry {
  /** Milliseconds since the epoch, by the clock of the container's machine. */
  readonly at: number;
  readonly pid: number;
  readonly level: string;
  readonly logger: string;
  readonly message: string;
  /** The line as it stands in the file. */
  readonly line: string;
  readonly continuation: readonly string[];
}

// oslo.log's default: asctime.msecs process levelname name [context] message
const ENTRY = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3}) (\d+) ([A-Z]+) (\S+) (.*)$/;

/** Reads lines in oslo.log's default format (times in UTC); what comes before the first entry is kept as an entry of level `UNKNOWN`. */
export function parseApplicationLog(lines: readonly string[]): LogEntry[] {
  const entries: (LogEntry & { continuation: string[] })[] = [];
  for (const line of lines) {
    const match = ENTRY.exec(line);
    if (match) {
      const [, day, time, pid, level, logger, message] = match as unknown as string[] & { 1: string };
      entries.push({
        at: Date.parse(`${day}T${time}Z`),
        pid: Number(pid),
        level: level as string,
        logger: logger as string,
        message: message as string,
        line,
        continuation: [],
      });
    } else if (line.trim() !== '') {
      const last = entries.at(-1);
      if (last) last.continuation.push(line);
      else
        entries.push({ at: 0, pid: 0, level: 'UNKNOWN', logger: '', message: line, line, continuation: [] });
    }
  }
  return entries;
}

/** The entries that one of the application's signatures calls a heartbeat error. */
export function heartbeatErrors(entries: readonly LogEntry[], { signatures }: Application): LogEntry[] {
  return entries.filter(({ message }) =>
    signatures.heartbeatErrors.some(({ pattern }) => pattern.test(message)),
  );
}

/** The entries in which a request says that it met a dead connection. */
export function unreachableLines(entries: readonly LogEntry[], { signatures }: Application): LogEntry[] {
  return entries.filter(({ message }) => signatures.unreachable.test(message));
}

/** Tracebacks and lines at ERROR or above that no signature declares. */
export function undeclaredEntries(entries: readonly LogEntry[], application: Application): LogEntry[] {
  const declared = new Set([
    ...heartbeatErrors(entries, application),
    ...unreachableLines(entries, application),
  ]);
  return entries.filter((entry) => {
    const severe = ['ERROR', 'CRITICAL', 'UNKNOWN'].includes(entry.level) || entry.level === 'TRACE';
    const traceback = entry.continuation.some((line) => line.startsWith('Traceback '));
    return (severe || traceback) && !declared.has(entry);
  });
}

/** Lines of Apache's error log at `error` or above, and all that has no level, less the expected ones. */
export function undeclaredApacheErrors(log: string, { expectedApacheErrors }: Application): string[] {
  return log
    .split('\n')
    .filter((line) => line.trim() !== '')
    .filter((line) => !/^\[[^\]]+\] \[\w+:(warn|notice|info|debug|trace\d)\]/.test(line))
    .filter((line) => !expectedApacheErrors.some((pattern) => pattern.test(line)));
}
