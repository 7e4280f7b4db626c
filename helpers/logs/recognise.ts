import type { LineKind } from './log-reader.ts';

/**
 * What a file is, by the kinds of its lines. `requests`: an access log. `server`: Apache's error log, or
 * another program's in syslog's form. `mixed`: RabbitMQ and others, such as a journal.
 */
export type FileKind = 'RabbitMQ' | 'application' | 'requests' | 'server' | 'mixed' | 'unknown';

/** @param counts how many lines of each kind a reader found. */
export function fileKind(counts: Readonly<Record<LineKind, number>>): FileKind {
  const { broker, python, request, server } = counts;
  const others = python + request + server;
  if (broker > 0) return others > 0 ? 'mixed' : 'RabbitMQ';
  if (python > 0) return 'application';
  if (request > 0) return 'requests';
  return server > 0 ? 'server' : 'unknown';
}
