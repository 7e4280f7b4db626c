import type { LineKind } from './log-reader.ts';

/**
 * The kind of a file, by the kinds of its lines.
 *
 * - `requests`: an access log.
 * - `server`: Apache's error log, or another program's log in syslog's form.
 * - `mixed`: lines of RabbitMQ and of others, as in a journal.
 */
export type FileKind = 'RabbitMQ' | 'application' | 'requests' | 'server' | 'mixed' | 'unknown';

/** The kind of a file. @param counts the number of lines of each kind. */
export function fileKind(counts: Readonly<Record<LineKind, number>>): FileKind {
  const { broker, python, request, server } = counts;
  const others = python + request + server;
  if (broker > 0) return others > 0 ? 'mixed' : 'RabbitMQ';
  if (python > 0) return 'application';
  if (request > 0) return 'requests';
  return server > 0 ? 'server' : 'unknown';
}
