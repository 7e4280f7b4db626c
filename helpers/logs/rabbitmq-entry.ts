import type { Unwrapped } from './envelope.ts';
import { isoTimeAt, type LogTime, reportTime } from './log-time.ts';

/** The head of an entry of RabbitMQ's log. */
export interface RabbitmqHead {
  readonly time: LogTime | undefined;
  /** In full, e.g. `error`, whatever the log's form has; empty if it has none that is known. */
  readonly level: string;
  /** The Erlang process that logs, e.g. `<0.1.0>`; empty where the form has none. */
  readonly erlangProcess: string;
}

/** A head, and what the same line says after it. */
export interface RabbitmqEntry extends RabbitmqHead {
  readonly message: string;
}

const LEVELS: Readonly<Record<string, readonly string[]>> = {
  debug: ['debug', 'dbg', 'debg'],
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

const [SPACE, BRACKET, EQUALS] = [32, 91, 61];
// ` [error] <0.1.0> message`; where a terminal's colours were removed badly, `[warn[`
const AFTER_TIME = /^\[([A-Za-z]{3,9})[\][] ?(<\d+\.\d+\.\d+>) ?/;
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
  // The entry's own time looks like docker's where RabbitMQ was told to write it with a T.
  return line.charCodeAt(0) === BRACKET ? afterTime(line, 0, prefix.time) : undefined;
}

function afterTime(line: string, from: number, time: LogTime | undefined): RabbitmqEntry | undefined {
  if (line.charCodeAt(from) !== BRACKET) return undefined;
  const match = AFTER_TIME.exec(line.slice(from, from + 60));
  if (!match) return undefined;
  const level = FULL_LEVEL.get((match[1] as string).toLowerCase());
  if (level === undefined) return undefined;
  return { time, level, erlangProcess: match[2] as string, message: line.slice(from + match[0].length) };
}

/** Reads the head of a report as RabbitMQ 3.5 and 3.6 write it, on a line of its own. */
export function rabbitmqReportHead(line: string): RabbitmqHead | undefined {
  if (line.charCodeAt(0) !== EQUALS) return undefined;
  const match = REPORT.exec(line);
  const time = match && reportTime(match[2] as string);
  return time ? { time, level: (match[1] as string).toLowerCase(), erlangProcess: '' } : undefined;
}
