import { asUnwrapped, unwrap } from './envelope.ts';
import { LONGEST_LINE } from './lines.ts';
import type { LogTime } from './log-time.ts';
import { type MessagingKind, type MessagingLine, messagingLine, messagingText } from './messaging-line.ts';
import type { PrefixFacts, Unwrapped } from './prefix-facts.ts';
import { type PythonEntry, pythonEntry } from './python-entry.ts';
import { SENTENCE } from './rabbitmq-entry.ts';
import { type BrokerEvent, END_OF_CONNECTION, RabbitmqLogReader } from './rabbitmq-log.ts';
import { type RequestLine, requestLine, requestOfEntry } from './request-line.ts';
import { withoutUnknownPrefix } from './unknown-prefix.ts';

/** Where a program's line came from, as far as the line or its prefixes say. */
export interface LineOrigin {
  readonly host?: string | undefined;
  readonly program?: string | undefined;
  readonly container?: string | undefined;
}

/** A line of an application's log about its messaging. */
export interface ApplicationEvent extends MessagingLine, LineOrigin {
  readonly time: LogTime | undefined;
  readonly pid: number | undefined;
  readonly level: string;
  readonly logger: string;
  /** The request that was served, `req-…`; empty if there was none. */
  readonly requestIds: readonly string[];
  readonly line: number;
}

/** A request that was answered. */
export interface RequestEvent extends RequestLine, LineOrigin {
  /** `req-…`; empty where the log has none. */
  readonly requestIds: readonly string[];
}

/** Receives what a log says. */
export interface LogSink {
  broker(event: BrokerEvent): void;
  application(event: ApplicationEvent): void;
  request(event: RequestEvent): void;
  /** Any entry of an application's log: the process was alive. */
  alive?(pid: number | undefined, time: LogTime, origin: LineOrigin, level: string): void;
  /** A line has two times: its collector's, whose zone is known, and its own, whose zone is not. */
  twoClocks?(collectedAt: LogTime, own: LogTime, origin: LineOrigin): void;
}

/** `server`: a line of Apache's error log, or of another program behind a known prefix. */
export type LineKind = 'broker' | 'python' | 'request' | 'server' | 'continuation' | 'unknown';

const MOST_EXAMPLES = 3;
const LONGEST_EXAMPLE = 200;
const ESCAPE = String.fromCharCode(27);
const COLOUR = new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g');
/** Remains of colours from which only the escape character was removed. */
const REMAINS = /^(?:\[\d[\d;]*m)+|\[0m$/g;

/** journalctl prints this in place of a line with control characters, such as colours. */
const BLOB = /^\[[\d.]+[BKMG]* blob data\]$/;
const ERLANG = /rabbit|beam/;
/** journald and rsyslog, where they say that they left lines out which may be RabbitMQ's. */
const COLLECTOR = /^(?:systemd-)?journald?$|^rsyslogd/;
const LOST_LINES =
  /^Suppressed \d+ messages from \S*(?:rabbit|docker|podman|libpod|containerd|crio)|^Forwarding to syslog missed |^im(?:journal|uxsock)\b.*\b(?:lost|drop)\b/;
const INDENTED = /^ {15,}\S/;

/** rsyslog writes control characters as octal numbers. */
function withControls(text: string): string {
  return text.includes('#0') ? text.replaceAll('#012', '\n').replaceAll('#033', ESCAPE) : text;
}

function withoutColours(text: string): string {
  const plain = text.includes(ESCAPE) ? text.replaceAll(COLOUR, '') : text;
  const mayRemain = plain.charCodeAt(0) === BRACKET || plain.endsWith('[0m');
  return mayRemain ? plain.replaceAll(REMAINS, '') : plain;
}

const [SPACE, BRACKET, EQUALS, ZERO, NINE, LOWER_M] = [32, 91, 61, 48, 57, 109];

/**
 * Reads any log line by line: removes prefixes, recognises the program by the form of the line, and passes on what the
 * line says. Lines of several programs may be mixed, as in a journal.
 */
export class LogReader {
  readonly counts: Record<LineKind, number> = {
    broker: 0,
    python: 0,
    request: 0,
    server: 0,
    continuation: 0,
    unknown: 0,
  };
  /** The first lines that could not be read, with their numbers. */
  readonly examples: { readonly number: number; readonly text: string }[] = [];
  /** The smallest time, whatever its zone. */
  first: LogTime | undefined;

  private readonly rabbitmq: RabbitmqLogReader;
  private latest: LineKind = 'unknown';
  private latestPrefix: PrefixFacts | undefined;
  /** The parts so far of a line that a collector has split. */
  private beginning = '';
  /** The latest entry of each program, and what its lines said, by where they came from. */
  private readonly latestEntries = new Map<string, { entry: PythonEntry; said: Set<MessagingKind> }>();

  constructor(
    private readonly sink: LogSink,
    /** Milliseconds since the epoch, for times that name no year. */
    private readonly latestTime: number,
    /** The reader of the file before this one, if both are of one rotated log. */
    before?: LogReader,
  ) {
    const emit = (event: BrokerEvent) => {
      if (event.time) this.saw(event.time);
      sink.broker(event);
    };
    this.rabbitmq = before?.rabbitmq ?? new RabbitmqLogReader(emit);
    this.rabbitmq.continueIn(emit);
    if (before) {
      this.latest = before.latest;
      this.latestPrefix = before.latestPrefix;
      this.beginning = before.beginning;
      for (const [key, entry] of before.latestEntries) this.latestEntries.set(key, entry);
    }
  }

  line(text: string, number: number): void {
    // Most lines do not begin with a space.
    if (!(text.charCodeAt(0) > SPACE) && text.trim() === '') return;
    if (this.latest === 'broker' && hasPlainTime(text) && this.rabbitmq.entry(asUnwrapped(text), number)) {
      this.counts.broker += 1;
      return;
    }
    const outer = this.indented(unwrap(withoutColours(withControls(text)), this.latestTime));
    // JSON escapes the escape character.
    const plain = outer.line.includes(ESCAPE) ? { ...outer, line: withoutColours(outer.line) } : outer;
    const unwrapped = this.joined(plain);
    if (unwrapped.prefix.isPartial) {
      this.counts.continuation += 1;
      return;
    }
    const kind =
      this.read(unwrapped, number) ??
      this.readBehindUnknown(unwrapped, number) ??
      this.continued(unwrapped, number) ??
      this.rest(unwrapped, number);
    this.counts[kind] += 1;
    if (kind !== 'continuation') this.latest = kind;
    if (kind === 'unknown' && this.examples.length < MOST_EXAMPLES) {
      this.examples.push({ number, text: text.slice(0, LONGEST_EXAMPLE) });
    }
  }

  end(): void {
    this.rabbitmq.end();
  }

  private read(unwrapped: Unwrapped, number: number): LineKind | undefined {
    const { prefix } = unwrapped;
    // A Python entry begins with a time, as RabbitMQ's does. The text after the time differs.
    if (mayBeRabbitmqs(unwrapped) && this.rabbitmq.entry(unwrapped, number)) return 'broker';
    const entry = pythonEntry(unwrapped);
    if (entry) {
      this.python(entry, prefix, number);
      return 'python';
    }
    const request = requestLine(unwrapped);
    if (request) {
      if (request.time) this.saw(request.time);
      const pid = request.pid ?? prefix.pid;
      this.sink.request({ ...request, ...originOf(prefix), pid, requestIds: [] });
      return 'request';
    }
    return undefined;
  }

  private readBehindUnknown(unwrapped: Unwrapped, number: number): LineKind | undefined {
    const inner = withoutUnknownPrefix(unwrapped, this.latestTime);
    return inner && (this.read(inner, number) ?? this.continued(inner, number));
  }

  private continued(unwrapped: Unwrapped, number: number): LineKind | undefined {
    const { line, prefix } = unwrapped;
    const mayContinue = keyOf(prefix) !== '' || this.latest === 'broker';
    return mayContinue && line !== '' && !BLOB.test(line) && this.rabbitmq.continuation(unwrapped, number)
      ? 'continuation'
      : undefined;
  }

  /** journalctl indents an entry's other lines by the length of the prefix. */
  private indented(unwrapped: Unwrapped): Unwrapped {
    if (unwrapped.depth > 0) this.latestPrefix = unwrapped.prefix;
    else if (this.latestPrefix && INDENTED.test(unwrapped.line))
      return { line: unwrapped.line.trimStart(), prefix: this.latestPrefix, depth: 1 };
    return unwrapped;
  }

  /** With the parts before it. */
  private joined(unwrapped: Unwrapped): Unwrapped {
    const { isPartial } = unwrapped.prefix;
    if (!isPartial && this.beginning === '') return unwrapped;
    const line = (this.beginning + unwrapped.line).slice(0, LONGEST_LINE);
    this.beginning = isPartial ? line : '';
    return { ...unwrapped, line };
  }

  private python(entry: PythonEntry, prefix: PrefixFacts, number: number): void {
    const { time, pid, level, logger, context } = entry;
    const origin = originOf(prefix);
    const key = keyOf(origin);
    const above = this.latestEntries.get(key);
    const isRepeated = above !== undefined && isOfSameEntry(entry, above.entry);
    const inEntry = isRepeated ? above.said : new Set<MessagingKind>();
    if (!isRepeated) this.latestEntries.set(key, { entry, said: inEntry });
    if (time) {
      this.saw(time);
      if (!time.isZoned && prefix.collectedAt) this.sink.twoClocks?.(prefix.collectedAt, time, origin);
      this.sink.alive?.(pid, time, origin, level);
    }
    const said = messagingLine(entry);
    if (said && inEntry.has(said.kind)) return;
    if (said) {
      inEntry.add(said.kind);
      const requestIds = requestIdsIn(context);
      this.sink.application({ ...said, ...origin, time, pid, level, logger, requestIds, line: number });
      return;
    }
    const request = requestOfEntry(entry);
    if (request) this.sink.request({ ...request, ...origin, requestIds: requestIdsIn(context) });
  }

  /** A line without a head: it continues the entry above, or its program is not known. */
  private rest({ line, prefix, depth }: Unwrapped, number: number): LineKind {
    if (END_OF_CONNECTION.test(line) || (BLOB.test(line) && ERLANG.test(prefix.program ?? ''))) {
      this.sink.broker({ kind: 'not read', time: prefix.time, line: number, lastLine: number });
      return 'unknown';
    }
    if (COLLECTOR.test(prefix.program ?? '') && LOST_LINES.test(line)) {
      const { time, host } = prefix;
      this.sink.broker({ kind: 'collector lost lines', time, host, line: number, lastLine: number });
    }
    const said = messagingText(line);
    if (said) this.endOfTraceback(said, prefix, number);
    if (depth > 0 && prefix.time) {
      this.saw(prefix.time);
      return 'server';
    }
    return this.latest === 'unknown' ? 'unknown' : 'continuation';
  }

  /** Reads a line without a head, such as the end of a traceback, as part of the entry above from the same place. */
  private endOfTraceback(said: MessagingLine, prefix: PrefixFacts, number: number): void {
    const origin = originOf(prefix);
    const key = keyOf(origin);
    const above = key !== '' || this.latest === 'python' ? this.latestEntries.get(key) : undefined;
    const time = prefix.time ?? above?.entry.time;
    if (!time || above?.said.has(said.kind)) return;
    above?.said.add(said.kind);
    const pid = prefix.pid ?? (prefix.time ? undefined : above?.entry.pid);
    const facts = { time, pid, level: prefix.level ?? '', logger: '', requestIds: [], line: number };
    this.sink.application({ ...said, ...origin, ...facts });
  }

  private saw(time: LogTime): void {
    if (!this.first || time.ms < this.first.ms) this.first = time;
  }
}

/** oslo.log repeats an entry's head on each of its lines, without the context. */
function isOfSameEntry(line: PythonEntry, above: PythonEntry): boolean {
  const { context, pid, logger, time } = line;
  const isRepeated = context === '' && above.context !== '';
  return isRepeated && pid === above.pid && logger === above.logger && time?.ms === above.time?.ms;
}

/**
 * Whether a line begins with a date and a space, and does not end with a colour. No collector's prefix has this form.
 * RabbitMQ's own lines, of which a log may have millions, then need no search for a prefix.
 */
function hasPlainTime(text: string): boolean {
  const first = text.charCodeAt(0);
  const isTime = first >= ZERO && first <= NINE && text.charCodeAt(10) === SPACE;
  return isTime && text.charCodeAt(text.length - 1) !== LOWER_M;
}

const REQUEST_ID = /req-[0-9a-f]{8}-[0-9a-f-]{27}/g;

function requestIdsIn(context: string): readonly string[] {
  return context.match(REQUEST_ID) ?? [];
}

function originOf({ host, program, container }: PrefixFacts): LineOrigin {
  return { host, program, container };
}

/** The same for all lines from one place; empty if no prefix names the place. */
function keyOf({ host, program, container }: LineOrigin): string {
  if (host === undefined && program === undefined && container === undefined) return '';
  return [host, program, container].join('\n');
}

function mayBeRabbitmqs({ line, prefix }: Unwrapped): boolean {
  const first = line.charCodeAt(0);
  return (
    (first >= ZERO && first <= NINE) ||
    first === BRACKET ||
    first === EQUALS ||
    prefix.erlangProcess !== undefined ||
    SENTENCE.test(line)
  );
}
