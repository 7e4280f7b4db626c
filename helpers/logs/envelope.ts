import { readJsonLine } from './json-envelope.ts';
import { cTime, isoTimeAt, type LogTime, syslogTime } from './log-time.ts';

/** What the prefixes of a line say. If several prefixes say the same thing, the innermost counts. */
export interface PrefixFacts {
  readonly time?: LogTime | undefined;
  /** The time in the outermost prefix that has a zone: the collector's clock. */
  readonly collectedAt?: LogTime | undefined;
  readonly host?: string | undefined;
  readonly program?: string | undefined;
  readonly pid?: number | undefined;
  readonly container?: string | undefined;
  /** An Erlang process, e.g. `<0.1.0>`. */
  readonly erlangProcess?: string | undefined;
  readonly level?: string | undefined;
  readonly logger?: string | undefined;
  /** oslo.log's context: `req-… req-… user project`. */
  readonly context?: string | undefined;
  /** The line goes on in the next one, because its collector takes no longer lines. */
  readonly isPartial?: boolean | undefined;
}

/** A line without its collectors' prefixes. A JSON record may contain several lines. */
export interface Unwrapped {
  readonly line: string;
  readonly prefix: PrefixFacts;
  /** How many prefixes were taken off. */
  readonly depth: number;
}

const NONE: PrefixFacts = {};

/** A line without a collector's prefix. */
export function withoutPrefix(line: string): Unwrapped {
  return { line, prefix: NONE, depth: 0 };
}

/** One collector may read another collector's output. */
const MOST_PREFIXES = 5;

/**
 * Takes the prefixes of collectors off a line: journald, syslog (RFC 3164, RFC 5424, rsyslog's), docker, Kubernetes,
 * compose, kubectl, Apache's error log, and envelopes in JSON. An entry's own head stays.
 *
 * @param latest milliseconds since the epoch, for times that name no year ({@link syslogTime}).
 */
export function unwrap(line: string, latest: number): Unwrapped {
  let inner = line;
  let facts = NONE;
  let depth = 0;
  for (; depth < MOST_PREFIXES; depth += 1) {
    const found = prefixOf(inner, latest);
    if (!found) break;
    const { time } = found.prefix;
    const collectedAt = facts.collectedAt ?? (time?.isZoned ? time : undefined);
    facts = depth === 0 ? { ...found.prefix, collectedAt } : merged(facts, found.prefix, collectedAt);
    inner = found.line;
  }
  return { line: inner, prefix: facts, depth };
}

function merged(outer: PrefixFacts, inner: PrefixFacts, collectedAt: LogTime | undefined): PrefixFacts {
  const told = Object.entries(inner).filter(([, value]) => value !== undefined);
  return { ...outer, ...Object.fromEntries(told), collectedAt };
}

interface Prefixed {
  readonly line: string;
  readonly prefix: PrefixFacts;
}

const [SPACE, BRACKET, BRACE, LESS, ZERO, NINE, T] = [32, 91, 123, 60, 48, 57, 84];

/** The first characters say which prefixes may be there, so that a line without one costs next to nothing. */
function prefixOf(line: string, latest: number): Prefixed | undefined {
  const first = line.charCodeAt(0);
  if (first >= ZERO && first <= NINE) {
    return line.charCodeAt(10) === T ? afterIsoTime(line) : line.includes('\t{') ? afterTab(line) : undefined;
  }
  if (first === BRACE) return readJsonLine(line);
  if (first === BRACKET) return line.startsWith('[pod/') ? kubectl(line) : apache(line);
  if (first === LESS) return rfc5424(line) ?? syslog(line, latest);
  const isLetter = (first >= 65 && first <= 90) || (first >= 97 && first <= 122);
  if (!isLetter) return undefined;
  return line.charCodeAt(3) === SPACE ? (syslog(line, latest) ?? compose(line)) : compose(line);
}

// 2024-12-05T23:46:59.123456+00:00 HOST PROGRAM[PID]: line
const AFTER_SYSLOG_TIME = /^ (?!\d{4}-\d\d-\d\d )([^\s{["]\S*) ([^\s:[\]]+)(?:\[(\d+)\])?: ?/;
// 2024-12-05T23:46:59.123456789Z stdout F line (https://kubernetes.io/docs/concepts/cluster-administration/logging/)
const KUBERNETES = /^ (?:stdout|stderr) ([FP]) /;

function afterIsoTime(line: string): Prefixed | undefined {
  const found = isoTimeAt(line);
  if (!found) return undefined;
  const { end, ...time } = found;
  if (line.charCodeAt(end) !== SPACE) return undefined;
  const rest = line.slice(end);
  const kubernetes = KUBERNETES.exec(rest);
  if (kubernetes) {
    const isPartial = kubernetes[1] === 'P';
    return { line: rest.slice(kubernetes[0].length), prefix: { time, isPartial } };
  }
  const syslog = AFTER_SYSLOG_TIME.exec(rest);
  if (syslog) return { line: rest.slice(syslog[0].length), prefix: { time, ...origin(syslog) } };
  // docker logs --timestamps, or an entry's own time, which is the same
  return { line: rest.slice(1), prefix: { time } };
}

/** Fluentd's files: time, tag and record, with tabs between them. */
function afterTab(line: string): Prefixed | undefined {
  return readJsonLine(line.slice(line.indexOf('\t{') + 1));
}

// Dec  5 23:46:59 HOST PROGRAM[PID]: line
const SYSLOG =
  /^(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d(?:\.\d+)?) (\S+) ([^\s:[\]]+)(?:\[(\d+)\])?: ?/;

function syslog(line: string, latest: number): Prefixed | undefined {
  const match = SYSLOG.exec(line);
  if (!match) return undefined;
  const time = syslogTime(match[1] as string, latest);
  return time && { line: line.slice(match[0].length), prefix: { time, ...origin(match.slice(1)) } };
}

function origin([, host, program, pid]: readonly (string | undefined)[]): PrefixFacts {
  return { host, program, pid: pid === undefined ? undefined : Number(pid) };
}

// <190>1 TIME HOST PROGRAM PID MESSAGE-ID [DATA] line (RFC 5424)
const RFC_5424 = /^<\d{1,3}>1 (\S+) (\S+) (\S+) (\S+) \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) ?\ufeff?/;

function rfc5424(line: string): Prefixed | undefined {
  const match = RFC_5424.exec(line);
  if (!match) return undefined;
  const [whole, time = '', host, program, pid] = match;
  const given = (value: string | undefined) => (value === '-' ? undefined : value);
  const at = isoTimeAt(time);
  return {
    line: line.slice(whole.length),
    prefix: {
      time: at && { ms: at.ms, isZoned: at.isZoned, precisionMs: at.precisionMs },
      host: given(host),
      program: given(program),
      pid: /^\d+$/.test(pid ?? '') ? Number(pid) : undefined,
    },
  };
}

// nova-api-1  | line
const COMPOSE = /^([A-Za-z][\w.-]*) +\| ?/;

function compose(line: string): Prefixed | undefined {
  const match = COMPOSE.exec(line);
  return match ? { line: line.slice(match[0].length), prefix: { container: match[1] } } : undefined;
}

// [pod/NAME/CONTAINER] line
const KUBECTL = /^\[pod\/([^/\]]+)\/([^\]]+)\] ?/;

function kubectl(line: string): Prefixed | undefined {
  const match = KUBECTL.exec(line);
  return match
    ? { line: line.slice(match[0].length), prefix: { host: match[1], container: match[2] } }
    : undefined;
}

// 2.4: [Tue Oct 17 09:53:43.538359 2017] [wsgi:error] [pid 7593:tid 140249087604480] [remote PEER:PORT] line
// 2.2: [Mon Apr 07 18:51:13 2014] [error] [client PEER] line
const APACHE =
  /^\[([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4})\] \[(?:[\w-]*:)?(\w+)\] (?:\[pid (\d+)(?::tid \d+)?\] )?(?:\[(?:client|remote) [^\]]*\] )*/;

function apache(line: string): Prefixed | undefined {
  const match = APACHE.exec(line);
  if (!match) return undefined;
  const [whole, time = '', level, pid] = match;
  return {
    line: line.slice(whole.length),
    prefix: { time: cTime(time), level, pid: pid === undefined ? undefined : Number(pid) },
  };
}
