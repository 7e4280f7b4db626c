import type { AnswerCount } from './throughput-block.ts';
import { UnreadableError } from './unreadable.ts';

/** An answer as Apache logged it, in the format `measured` of containers/httpd/application.conf. */
export interface LoggedAnswer {
  readonly pid: number;
  readonly status: number;
  /** Bytes of the body. */
  readonly bytes: number;
}

// Time, process, thread, request line, status, bytes, microseconds.
const LINE = /^\d+\.\d{6} (\d+) \d+ ".*" (\d{3}) (\d+) \d+$/;

/**
 * Reads complete lines of the access log.
 *
 * @throws UnreadableError with the first line that has another form.
 */
export function parseAccessLog(text: string): LoggedAnswer[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = LINE.exec(line);
      if (!match) throw new UnreadableError(`Apache’s access log has an unknown line: ${line}`);
      const [pid, status, bytes] = match.slice(1).map(Number) as [number, number, number];
      return { pid, status, bytes };
    });
}

/** Counts the answers of each kind, the most frequent kind first. */
export function countAnswers(answers: readonly LoggedAnswer[]): AnswerCount[] {
  const counts = new Map<string, AnswerCount>();
  for (const { status, bytes } of answers) {
    const key = `${status} ${bytes}`;
    counts.set(key, { status, bytes, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

/** Counts the answers of each process. */
export function countProcesses(
  answers: readonly { readonly pid?: number | undefined }[],
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { pid = 'unknown' } of answers) counts[pid] = (counts[pid] ?? 0) + 1;
  return counts;
}
