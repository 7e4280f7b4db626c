import { readJsonLine } from './json-envelope.ts';
import { collectorsTime, cTime, isoTimeAt, type LogTime, syslogTime } from './log-time.ts';
import type { PrefixFacts, Unwrapped } from './prefix-facts.ts';

const NONE: PrefixFacts = {};

/** A line without a collector's prefix. */
export function asUnwrapped(line: string): Unwrapped {
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
  const known = Object.entries(inner).filter(([, value]) => value !== undefined);
  return { ...outer, ...Object.fromEntries(known), collectedAt };
}

type Prefixed = Pick<Unwrapped, 'line' | 'prefix'>;

const [SPACE, BRACKET, BRACE, LESS, ZERO, NINE, T] = [32, 91, 123, 60, 48, 57, 84];

/** The first characters say which prefixes may be there, so that a line without one costs next to nothing. */
function prefixOf(line: string, latest: number): Prefixed | undefined {
  const first = line.charCodeAt(0);
  if (first >= ZERO && first <= NINE) {
    if (line.charCodeAt(10) === T) return afterIsoTime(line);
    // Fluentd's files: time, tag and record, with tabs between them.
    const record = line.indexOf('\t{') + 1;
    return record > 0 ? readJsonLine(line.slice(record)) : undefined;
  }
  if (first === BRACE) return readJsonLine(line);
  if (first === BRACKET) return line.startsWith('[pod/') ? after(KUBECTL, line) : after(APACHE, line, cTime);
  if (first === LESS) return after(RFC_5424, line, collectorsTime) ?? syslog(line, latest);
  const isLetter = (first >= 65 && first <= 90) || (first >= 97 && first <= 122);
  if (!isLetter) return undefined;
  return (line.charCodeAt(3) === SPACE ? syslog(line, latest) : undefined) ?? after(COMPOSE, line);
}

/** A line without a prefix, whose named groups are facts. @param timeOf reads the group `time`. */
function after(
  form: RegExp,
  line: string,
  timeOf: (time: string) => LogTime | undefined = () => undefined,
): Prefixed | undefined {
  const match = form.exec(line);
  if (!match) return undefined;
  const { time = '', host, program, pid, container, level } = match.groups ?? {};
  return {
    line: line.slice(match[0].length),
    prefix: {
      time: timeOf(time),
      host,
      program,
      pid: pid === undefined ? pid : Number(pid),
      container,
      level,
    },
  };
}

// 2024-12-05T23:46:59.123456+00:00 HOST PROGRAM[PID]: line
const AFTER_SYSLOG_TIME =
  /^ (?!\d{4}-\d\d-\d\d )(?<host>[^\s{["]\S*) (?<program>[^\s:[\]]+)(?:\[(?<pid>\d+)\])?: ?/;
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
  // docker logs --timestamps, or an entry's own time, which is the same
  return after(AFTER_SYSLOG_TIME, rest, () => time) ?? { line: rest.slice(1), prefix: { time } };
}

// Dec  5 23:46:59 HOST PROGRAM[PID]: line
const SYSLOG =
  /^(?:<\d{1,3}>)?(?<time>[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d(?:\.\d+)?) (?<host>\S+) (?<program>[^\s:[\]]+)(?:\[(?<pid>\d+)\])?: ?/;

function syslog(line: string, latest: number): Prefixed | undefined {
  const found = after(SYSLOG, line, (time) => syslogTime(time, latest));
  return found?.prefix.time && found;
}

// <190>1 TIME HOST PROGRAM PID MESSAGE-ID [DATA] line (RFC 5424), with - for what is not known
const RFC_5424 =
  /^<\d{1,3}>1 (?<time>\S+) (?:-|(?<host>\S+)) (?:-|(?<program>\S+)) (?:(?<pid>\d+)|\S+) \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) ?\ufeff?/;
// nova-api-1  | line
const COMPOSE = /^(?<container>[A-Za-z][\w.-]*) +\| ?/;
// [pod/NAME/CONTAINER] line
const KUBECTL = /^\[pod\/(?<host>[^/\]]+)\/(?<container>[^\]]+)\] ?/;
// 2.4: [Tue Oct 17 09:53:43.538359 2017] [wsgi:error] [pid 7593:tid 140249087604480] [remote PEER:PORT] line
// 2.2: [Mon Apr 07 18:51:13 2014] [error] [client PEER] line
const APACHE =
  /^\[(?<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4})\] \[(?:[\w-]*:)?(?<level>\w+)\] (?:\[pid (?<pid>\d+)(?::tid \d+)?\] )?(?:\[(?:client|remote) [^\]]*\] )*/;
