import { type PrefixFacts, type Unwrapped, unwrap } from './envelope.ts';
import type { LogTime } from './log-time.ts';
import { type MessagingLine, messagingLine, messagingText } from './messaging-line.ts';
import { type PythonEntry, pythonEntry } from './python-entry.ts';
import { type BrokerEvent, RabbitmqLogReader } from './rabbitmq-log.ts';
import { type RequestLine, requestLine, requestOfEntry } from './request-line.ts';

/** The origin of a program's line, if the line or its prefixes name it. */
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
  readonly line: number;
}

/** A request that was answered. */
export interface RequestEvent extends RequestLine, LineOrigin {
  readonly line: number;
}

/** Receives the events in a log. */
export interface LogSink {
  broker(event: BrokerEvent): void;
  application(event: ApplicationEvent): void;
  request(event: RequestEvent): void;
  /** Receives each entry of an application's log, because it shows that the process was alive. */
  alive?(pid: number | undefined, time: LogTime, origin: LineOrigin): void;
  /** Receives the times of a line that has two: the collector's, which names its zone, and its own, which does not. */
  twoClocks?(collectedAt: LogTime, own: LogTime): void;
}

/** The kind of a line. `server`: of Apache's error log, or of another program with a known prefix. */
export type LineKind = 'broker' | 'python' | 'request' | 'server' | 'continuation' | 'unknown';

const MOST_EXAMPLES = 3;
const LONGEST_EXAMPLE = 200;
const ESCAPE = String.fromCharCode(27);
const COLOUR = new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g');
/** The remains of colours whose escape characters were removed. */
const REMAINS = /^(?:\[\d[\d;]*m)+|\[0m$/g;

function withoutColours(text: string): string {
  const plain = text.includes(ESCAPE) ? text.replaceAll(COLOUR, '') : text;
  const mayRemain = plain.charCodeAt(0) === BRACKET || plain.endsWith('[0m');
  return mayRemain ? plain.replaceAll(REMAINS, '') : plain;
}

const [BRACKET, EQUALS, ZERO, NINE] = [91, 61, 48, 57];

/**
 * Reads any log line by line. It removes a line's prefixes, recognises the program by the line's form, and passes the
 * event on. Lines of several programs may be mixed, as in a journal.
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
  /** The smallest and largest time, whatever its zone. */
  first: LogTime | undefined;
  last: LogTime | undefined;

  private readonly rabbitmq: RabbitmqLogReader;
  private latest: LineKind = 'unknown';
  private latestEntry: PythonEntry | undefined;

  constructor(
    private readonly sink: LogSink,
    /** Milliseconds since the epoch, for times that name no year. */
    private readonly latestTime: number,
  ) {
    this.rabbitmq = new RabbitmqLogReader((event) => {
      if (event.time) this.saw(event.time);
      sink.broker(event);
    });
  }

  line(text: string, number: number): void {
    if (text === '' || text.trim() === '') return;
    const plain = withoutColours(text);
    const outer = unwrap(plain, this.latestTime);
    // In JSON the escape character is itself escaped, so colours appear only now.
    const unwrapped = outer.line.includes(ESCAPE) ? { ...outer, line: withoutColours(outer.line) } : outer;
    const kind =
      this.read(unwrapped, number) ?? this.readBehindBanner(plain, number) ?? this.rest(unwrapped, number);
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
    const { line, prefix } = unwrapped;
    // Entries of Python and of RabbitMQ both begin with a time. They differ after it.
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
      this.sink.request({ ...request, ...originOf(prefix), pid, line: number });
      return 'request';
    }
    const mayContinue = prefix.program !== undefined || this.latest === 'broker';
    return mayContinue && line !== '' && this.rabbitmq.continuation(unwrapped, number)
      ? 'continuation'
      : undefined;
  }

  private python(entry: PythonEntry, prefix: PrefixFacts, number: number): void {
    const { time, pid, level, logger } = entry;
    this.latestEntry = entry;
    const origin = originOf(prefix);
    if (time) {
      this.saw(time);
      if (!time.isZoned && prefix.collectedAt) this.sink.twoClocks?.(prefix.collectedAt, time);
      this.sink.alive?.(pid, time, origin);
    }
    const said = messagingLine(entry);
    if (said) {
      this.sink.application({ ...said, ...origin, time, pid, level, logger, line: number });
      return;
    }
    const request = requestOfEntry(entry);
    if (request) this.sink.request({ ...request, ...origin, line: number });
  }

  /** RabbitMQ writes its first JSON record on the same line as its banner. */
  private readBehindBanner(text: string, number: number): LineKind | undefined {
    const at = text.indexOf('{"');
    if (at <= 0 || !text.endsWith('}')) return undefined;
    const unwrapped = unwrap(text.slice(at), this.latestTime);
    return unwrapped.depth > 0 ? this.read(unwrapped, number) : undefined;
  }

  /** Reads a line without a head. It continues the entry above, or an unknown program wrote it. */
  private rest({ line, prefix, depth }: Unwrapped, number: number): LineKind {
    const said = messagingText(line);
    const time = prefix.time ?? this.latestEntry?.time;
    if (said && (prefix.time || this.latest === 'python')) {
      const pid = prefix.pid ?? (prefix.time ? undefined : this.latestEntry?.pid);
      const level = prefix.level ?? '';
      const facts = { time, pid, level, logger: '', line: number };
      this.sink.application({ ...said, ...originOf(prefix), ...facts });
    }
    if (depth > 0 && prefix.time) {
      this.saw(prefix.time);
      return 'server';
    }
    return this.latest === 'unknown' ? 'unknown' : 'continuation';
  }

  private saw(time: LogTime): void {
    if (!this.first || time.ms < this.first.ms) this.first = time;
    if (!this.last || time.ms > this.last.ms) this.last = time;
  }
}

function originOf({ host, program, container }: PrefixFacts): LineOrigin {
  return { host, program, container };
}

function mayBeRabbitmqs({ line, prefix }: Unwrapped): boolean {
  const first = line.charCodeAt(0);
  return (
    (first >= ZERO && first <= NINE) ||
    first === BRACKET ||
    first === EQUALS ||
    prefix.erlangProcess !== undefined
  );
}
