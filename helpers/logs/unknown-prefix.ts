import { unwrap } from './envelope.ts';
import { LONGEST_LINE } from './lines.ts';
import { epochTime, isoTimeAt, type LogTime } from './log-time.ts';
import type { Unwrapped } from './prefix-facts.ts';
import { PYTHON_LEVEL } from './python-entry.ts';
import { SENTENCE } from './rabbitmq-entry.ts';
import { brokerReasons } from './rabbitmq-log.ts';

/** How entries begin after their times, and how RabbitMQ's sentences begin, which may have no head. */
const BEGINNING = new RegExp(
  [
    String.raw`\[\w{3,9}[\][] ?<\d+\.\d+\.\d+>`,
    '=[A-Z]+ REPORT====',
    SENTENCE.source.slice(1),
    ...Object.values(brokerReasons).map(({ source }) => source),
    String.raw`(?<!\S)(?:\d+ )?(?:${PYTHON_LEVEL}) +[\w.]+ \[`,
    String.raw`- \S+ - (?:${PYTHON_LEVEL}) - `,
    String.raw`\[(?:${PYTHON_LEVEL})\] [\w.]+: `,
    String.raw`\{"`,
  ].join('|'),
);
const TIME =
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\b\d{10}\.\d+|\b\d{13,19}\b/g;

// Thu Nov 26 12:35:50 2026, or only Thu
const TIME_IN_WORDS =
  /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4})?/g;
// nova-api.service[18]:
const PROCESS = /\[(\d+)\]:?\s*$/;

/** Several entries in one line, such as the answer of Loki's API. */
const SEVERAL = /^.{60,}closing AMQP connection /;

/**
 * Removes a prefix that {@link unwrap} does not know: grep's file names, rare formats of RabbitMQ and journalctl, a
 * table's columns. Undefined if the line has no entry.
 *
 * @param latest as in `unwrap`.
 */
export function withoutUnknownPrefix(
  { line, prefix, depth }: Unwrapped,
  latest: number,
): Unwrapped | undefined {
  const at = line.length < LONGEST_LINE ? line.search(BEGINNING) : -1;
  if (at === -1) return undefined;
  if (line.startsWith('{"', at)) {
    const inner = unwrap(line.slice(at, line.lastIndexOf('}') + 1), latest);
    return inner.depth === 0 ? undefined : inner;
  }
  if (SEVERAL.test(line.slice(at))) return undefined;
  const before = line.slice(0, at);
  const time = lastTime(before) ?? prefix.time;
  const where = before.replaceAll(TIME, '').replaceAll(TIME_IN_WORDS, '');
  const pid = PROCESS.exec(where)?.[1];
  // Lines with the same prefix came from the same place.
  const origin = where
    .replace(PROCESS, '')
    .replace(/^\d+[:-]/, '')
    .replace(/^\W+|\W+$/g, '');
  // A table, and JSON over several lines, have an entry in quotes.
  const quote = before.includes('"') ? /"[,;\]]*$/.exec(line)?.index : undefined;
  return {
    line: line.slice(at, quote),
    prefix: {
      ...prefix,
      time,
      pid: pid === undefined ? prefix.pid : Number(pid),
      container: origin === '' ? prefix.container : origin,
    },
    depth: depth + 1,
  };
}

function lastTime(text: string): LogTime | undefined {
  const last = text.match(TIME)?.at(-1);
  return last === undefined ? undefined : (isoTimeAt(last) ?? epochTime(Number(last)));
}
