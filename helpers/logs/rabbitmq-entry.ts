import { isoTimeAt, type LogTime, reportTime } from './log-time.ts';
import type { Unwrapped } from './prefix-facts.ts';

/** The head of an entry of RabbitMQ's log. */
export interface RabbitmqHead {
  readonly time: LogTime | undefined;
  /** In full, e.g. `error`, whatever the log's form; empty if it is not known, or there is no head. */
  readonly level: string;
  /** The Erlang process that logs, e.g. `<0.1.0>`; empty if the form has none. */
  readonly erlangProcess: string;
}

/** A head, and what the same line says after it. */
export interface RabbitmqEntry extends RabbitmqHead {
  readonly message: string;
}

const LEVELS: Readonly<Record<string, readonly string[]>> = {
  debug: ['debug', 'dbg', 'debg', 'dbug'],
  info: ['info', 'inf'],
  notice: ['notice', 'ntc', 'noti', 'note'],
  warning: ['warning', 'wrn', 'warn'],
  error: ['error', 'err', 'erro', 'eror'],
  critical: ['critical', 'crt', 'crit'],
  alert: ['alert', 'alt', 'alrt'],
  emergency: ['emergency', 'emg', 'emgc', 'emerg'],
};
const FULL_LEVEL = new Map(
  Object.entries(LEVELS).flatMap(([level, forms]) => forms.map((form) => [form, level] as const)),
);

const [SPACE, EQUALS, BRACKET, CLOSING_BRACKET] = [32, 61, 91, 93];
// =ERROR REPORT==== 14-May-2015::14:52:07 ===
const REPORT = /^=([A-Z]+) REPORT={4} (\S+) ===\s*$/;

/**
 * Reads a line with a head of its own, in the forms of RabbitMQ 3.7 to 4.3 (lager, logger, JSON). Undefined for a line
 * without one: the entry above continues in it, or it is not RabbitMQ's.
 */
export function rabbitmqEntry({ line, prefix }: Unwrapped): RabbitmqEntry | undefined {
  const time = isoTimeAt(line);
  if (time) return line.charCodeAt(time.end) === SPACE ? afterTime(line, time.end + 1, time) : undefined;
  if (prefix.erlangProcess !== undefined) {
    const level = FULL_LEVEL.get(prefix.level?.toLowerCase() ?? '') ?? '';
    return { time: prefix.time, level, erlangProcess: prefix.erlangProcess, message: line };
  }
  // An entry's own time with a T was taken for docker's prefix.
  if (line.charCodeAt(0) === BRACKET) return afterTime(line, 0, prefix.time);
  const { time: collected } = prefix;
  return collected && SENTENCE.test(line)
    ? { time: collected, level: '', erlangProcess: '', message: line }
    : undefined;
}

/** How RabbitMQ's sentences about connections begin. To journald and syslog RabbitMQ writes them without a head. */
export const SENTENCE =
  /^(?:(?:closing|accepting|Error on) AMQP connection |[Cc]onnection (?:<\d+\.\d+\.\d+> \(|\S+:\d+ -> )|missed heartbeats from client, timeout: )/;

const LONGEST_LEVEL = 9;

/** `[error] <0.1.0> message`. If colours were removed badly, the level is `[warn[`. */
function afterTime(line: string, from: number, time: LogTime | undefined): RabbitmqEntry | undefined {
  if (line.charCodeAt(from) !== BRACKET) return undefined;
  const process = line.indexOf('<', from);
  if (process === -1 || process > from + LONGEST_LEVEL + 3) return undefined;
  const end = line.charCodeAt(process - 1) === SPACE ? process - 2 : process - 1;
  const last = line.charCodeAt(end);
  if (last !== CLOSING_BRACKET && last !== BRACKET) return undefined;
  const found = line.slice(from + 1, end);
  const level = FULL_LEVEL.get(found) ?? FULL_LEVEL.get(found.toLowerCase());
  const after = line.indexOf('>', process) + 1;
  if (level === undefined || after === 0) return undefined;
  const messageFrom = line.charCodeAt(after) === SPACE ? after + 1 : after;
  return { time, level, erlangProcess: line.slice(process, after), message: line.slice(messageFrom) };
}

/** Reads the head of a report as RabbitMQ 3.5 and 3.6 write it, on a line of its own. */
export function rabbitmqReportHead(line: string): RabbitmqHead | undefined {
  if (line.charCodeAt(0) !== EQUALS) return undefined;
  const match = REPORT.exec(line);
  const time = match && reportTime(match[2] as string);
  return time ? { time, level: (match[1] as string).toLowerCase(), erlangProcess: '' } : undefined;
}
