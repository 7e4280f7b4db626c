import type { AnswerCount } from './throughput-block.ts';
import { UnreadableError } from './unreadable.ts';

/** An answer as Apache logged it, in the format `measured` of containers/httpd/application.conf. */
export interface LoggedAnswer {
  /** Seconds since the epoch at which the request came. */
  readonly at: number;
  readonly pid: number;
  /** E.g. `GET / HTTP/1.0`. */
  readonly request: string;
  readonly status: number;
  /** Bytes of the body. */
  readonly bytes: number;
  readonly microseconds: number;
}

const LINE = /^(\d+\.\d{6}) (\d+) \d+ "(.*)" (\d{3}) (\d+) (\d+)$/;

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
      if (!match) throw new UnreadableError(`Apache’s access log has a line that is not known: ${line}`);
      const [at, pid, request, status, bytes, microseconds] = match.slice(1) as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      return {
        at: Number(at),
        pid: Number(pid),
        request,
        status: Number(status),
        bytes: Number(bytes),
        microseconds: Number(microseconds),
      };
    });
}

/** How many answers there were of each kind, the most frequent first. */
export function countAnswers(answers: readonly LoggedAnswer[]): AnswerCount[] {
  const counts = new Map<string, AnswerCount>();
  for (const { status, bytes } of answers) {
    const key = `${status} ${bytes}`;
    counts.set(key, { status, bytes, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

/** How many answers each process gave. */
export function countProcesses(answers: readonly LoggedAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { pid } of answers) counts[pid] = (counts[pid] ?? 0) + 1;
  return counts;
}
