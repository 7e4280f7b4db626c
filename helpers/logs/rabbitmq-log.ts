import type { Unwrapped } from './envelope.ts';
import type { LogTime } from './log-time.ts';
import {
  type RabbitmqEntry,
  type RabbitmqHead,
  rabbitmqEntry,
  rabbitmqReportHead,
} from './rabbitmq-entry.ts';
import { type ConnectionMention, connectionMention } from './rabbitmq-mention.ts';

/**
 * How RabbitMQ says that a connection ended.
 *
 * - `lost by the client`: its socket was gone without `Connection.Close`.
 * - `network error`: the broker could not send something, such as its own heartbeat.
 */
export type BrokerEnding =
  | 'missed heartbeats'
  | 'closed by the client'
  | 'lost by the client'
  | 'network error'
  | 'other';

interface AnyBrokerEvent {
  readonly time: LogTime | undefined;
  /** The numbers of the event's first and last line. */
  readonly line: number;
  readonly lastLine: number;
  readonly host?: string | undefined;
}

/** Something that happened to a connection. */
export interface ConnectionEvent extends AnyBrokerEvent {
  readonly kind: 'accepted' | 'named' | 'authenticated';
  readonly connection: ConnectionMention;
}

/** A connection ended. */
export interface EndedEvent extends AnyBrokerEvent {
  readonly kind: 'ended';
  readonly connection: ConnectionMention;
  readonly how: BrokerEnding;
  /** The agreed heartbeat timeout, if the line names it. */
  readonly timeoutSeconds?: number | undefined;
}

/** An error on a connection, which RabbitMQ may close after it. */
export interface ConnectionErrorEvent extends AnyBrokerEvent {
  readonly kind: 'connection error';
  readonly connection?: ConnectionMention | undefined;
  readonly what: 'unexpected frame' | 'connection forced' | 'other';
}

/** Something that happened to the broker as a whole. */
export interface NodeEvent extends AnyBrokerEvent {
  readonly kind:
    | 'listener started'
    | 'listener stopped'
    | 'node starting'
    | 'node started'
    | 'node stopping'
    | 'other node up'
    | 'other node down'
    | 'partition'
    | 'alarm'
    | 'busy port'
    | 'log lines dropped';
}

export type BrokerEvent = ConnectionEvent | EndedEvent | ConnectionErrorEvent | NodeEvent;

/** An entry whose reason may be on the next line. */
interface Pending {
  readonly head: RabbitmqHead;
  readonly kind: 'ended' | 'connection error';
  readonly connection: ConnectionMention | undefined;
  readonly number: number;
  readonly host: string | undefined;
}

/** The latest entries of one source (a host, a pod), which lines without a head continue. */
interface Source {
  readonly host: string | undefined;
  head: RabbitmqHead | undefined;
  /** By Erlang process, because the entries of several processes alternate. */
  readonly pending: Map<string, Pending>;
  latest: Pending | undefined;
}

const MOST_PENDING = 32;

/**
 * Reads RabbitMQ's log line by line, in every form from 3.5 to 4.3. The log may begin at any line, because the line about
 * the end of a connection names the connection.
 *
 * Sources of the sentences: `rabbit_reader.erl`, `rabbit_networking.erl`, `rabbit_node_monitor.erl` and
 * `rabbit_logger_*_fmt.erl` of rabbitmq-server, tags rabbitmq_v3_5_0 to v4.3.5.
 */
export class RabbitmqLogReader {
  private readonly sources = new Map<string, Source>();

  constructor(private readonly emit: (event: BrokerEvent) => void) {}

  /** Reads a line with a head of RabbitMQ's. @returns whether it has one. */
  entry(unwrapped: Unwrapped, number: number): boolean {
    const entry = rabbitmqEntry(unwrapped);
    const report = entry ?? rabbitmqReportHead(unwrapped.line);
    if (!report) return false;
    const source = this.sourceOf(unwrapped);
    if (entry) {
      this.message(source, entry, number);
    } else {
      this.flush(source);
      source.head = report;
    }
    return true;
  }

  /** Reads a line without a head. @returns whether an entry of the same source is above it. */
  continuation(unwrapped: Unwrapped, number: number): boolean {
    const source = this.sources.get(keyOf(unwrapped));
    if (!source?.head) return false;
    const { latest, head } = source;
    if (latest) {
      source.pending.delete(latest.head.erlangProcess);
      source.latest = undefined;
      this.settle(latest, unwrapped.line, number);
    } else if (unwrapped.line.trim() !== '') {
      // The text of a report (3.5, 3.6), or a sentence that lager has written on a separate line.
      this.sentence(source, head, unwrapped.line, number);
    }
    return true;
  }

  /** Emits the entries that still wait for their next line. */
  end(): void {
    for (const source of this.sources.values()) this.flush(source);
  }

  private sourceOf(unwrapped: Unwrapped): Source {
    const key = keyOf(unwrapped);
    const known = this.sources.get(key);
    if (known) return known;
    const { host } = unwrapped.prefix;
    const source: Source = { host, head: undefined, pending: new Map(), latest: undefined };
    this.sources.set(key, source);
    return source;
  }

  private message(source: Source, head: RabbitmqEntry, number: number): void {
    const { message } = head;
    source.head = head;
    const pending = source.pending.get(head.erlangProcess);
    if (pending) {
      // Erlang's logger repeats the head on each line of an entry. lager and JSON do not.
      source.pending.delete(head.erlangProcess);
      if (source.latest === pending) source.latest = undefined;
      const isNextEntry = startsEntry(message);
      this.settle(pending, isNextEntry ? '' : message, isNextEntry ? pending.number : number);
      if (!isNextEntry) return;
    }
    this.sentence(source, head, message, number);
  }

  private sentence(source: Source, head: RabbitmqHead, text: string, number: number): void {
    const { host } = source;
    const lineBreak = text.indexOf('\n');
    const message = lineBreak === -1 ? text : text.slice(0, lineBreak);
    const at = { time: head.time, line: number, lastLine: number, host };
    const found = connectionSentence(message);
    if (!found) {
      const kind = NODE_SENTENCES.find(([, pattern]) => pattern.test(text))?.[0];
      if (kind) this.emit({ kind, ...at });
      return;
    }
    const { kind, connection, isClosed } = found;
    if (kind !== 'ended' && kind !== 'connection error') {
      if (connection) this.emit({ kind, connection: withProcess(connection, head), ...at });
      return;
    }
    const pending: Pending = {
      head,
      kind,
      connection: connection && withProcess(connection, head),
      number,
      host,
    };
    if (isClosed) this.settle(pending, 'closed by the client', number);
    else if (lineBreak !== -1) this.settle(pending, text.slice(lineBreak + 1), number);
    else this.wait(source, pending);
  }

  private wait(source: Source, pending: Pending): void {
    if (source.pending.size >= MOST_PENDING) this.flush(source);
    source.pending.set(pending.head.erlangProcess, pending);
    source.latest = pending;
  }

  private flush(source: Source): void {
    for (const pending of source.pending.values()) this.settle(pending, '', pending.number);
    source.pending.clear();
    source.latest = undefined;
  }

  private settle({ head, kind, connection, number, host }: Pending, reason: string, lastLine: number): void {
    const at = { time: head.time, line: number, lastLine, host };
    const words = reason.trim();
    if (kind === 'connection error') {
      this.emit({ kind, connection, what: errorOf(words), ...at });
    } else if (connection) {
      this.emit({ kind, connection, ...endingOf(words, head.level), ...at });
    }
  }
}

/** The source of a line, by its prefixes. */
function keyOf({ prefix }: Unwrapped): string {
  const { host, program, container } = prefix;
  return host === undefined && container === undefined ? '' : `${host} ${program} ${container}`;
}

/** If a line names no process (4.1 and later), the process that logged it is the connection's. */
function withProcess(connection: ConnectionMention, { erlangProcess }: RabbitmqHead): ConnectionMention {
  return connection.erlangProcess === undefined && erlangProcess !== ''
    ? { ...connection, erlangProcess }
    : connection;
}

interface Sentence {
  readonly kind: 'accepted' | 'named' | 'authenticated' | 'ended' | 'connection error';
  readonly connection: ConnectionMention | undefined;
  /** The client closed the connection, and no reason follows. */
  readonly isClosed?: boolean;
}

const ACCEPTING = 'accepting AMQP connection ';
const CLOSING = 'closing AMQP connection ';
const ERROR = 'Error on AMQP connection ';
const NAMED = ' has a client-provided name: ';
const USER = ": user '";
const GRANTED = "' authenticated and granted access to vhost '";

/** Whether a message begins an entry about a connection. Otherwise it is the reason that an earlier entry waits for. */
function startsEntry(message: string): boolean {
  return (
    message.startsWith(CLOSING) ||
    message.startsWith(ACCEPTING) ||
    message.startsWith(ERROR) ||
    message.startsWith('connection <') ||
    message.startsWith('Connection <') ||
    message.includes(NAMED) ||
    message.includes(GRANTED)
  );
}

function connectionSentence(message: string): Sentence | undefined {
  if (message.startsWith(CLOSING)) return closing(message.slice(CLOSING.length));
  if (message.startsWith(ACCEPTING)) {
    return { kind: 'accepted', connection: connectionMention(message.slice(ACCEPTING.length)) };
  }
  if (message.startsWith(ERROR)) {
    // <0.1.0> (PEER -> LOCAL - NAME, vhost: 'V', user: 'U', state: running), channel 0:
    const [mention = ''] = /^.*\)/.exec(message.slice(ERROR.length)) ?? [];
    return { kind: 'connection error', connection: connectionMention(mention) };
  }
  if (!message.startsWith('onnection ', 1)) return undefined;
  const rest = message.slice('connection '.length);
  const granted = rest.lastIndexOf(GRANTED);
  if (granted !== -1) {
    const userAt = rest.lastIndexOf(USER, granted);
    const connection = connectionMention(rest.slice(0, userAt));
    const user = rest.slice(userAt + USER.length, granted);
    const vhost = rest.slice(granted + GRANTED.length, rest.lastIndexOf("'"));
    return { kind: 'authenticated', connection: connection && { ...connection, user, vhost } };
  }
  const named = rest.indexOf(NAMED);
  if (named === -1) return undefined;
  const connection = connectionMention(rest.slice(0, named));
  return {
    kind: 'named',
    connection: connection && { ...connection, name: rest.slice(named + NAMED.length) },
  };
}

function closing(rest: string): Sentence | undefined {
  const text = rest.trimEnd();
  const hasReason = text.endsWith(':');
  const mention = hasReason ? text.slice(0, -1) : text;
  // 4.2, about a client that does not speak AMQP: PEER -> LOCAL (duration: '3s'):
  const connection = connectionMention(mention.replace(/ \((duration: '[^']*')\)$/, ', $1'));
  return connection && { kind: 'ended', connection, isClosed: !hasReason };
}

// 3.5.0 and 3.5.1 name no timeout: {heartbeat_timeout,running}
const MISSED = /^(?:[Mm]issed heartbeats from client, timeout: (\d+)s|\{heartbeat_timeout,)/;
const LOST = /^(?:client unexpectedly closed TCP connection|\{?connection_closed_abruptly)/;
// rabbit_reader.erl throws {inet_error, Reason} if it cannot send a frame, such as a heartbeat.
const NETWORK = /heartbeat_send_error|^\{inet_error,|^\{writer,send_failed/;

function endingOf(reason: string, level: string): Pick<EndedEvent, 'how' | 'timeoutSeconds'> {
  const missed = MISSED.exec(reason);
  if (missed) {
    return {
      how: 'missed heartbeats',
      timeoutSeconds: missed[1] === undefined ? undefined : Number(missed[1]),
    };
  }
  // Without a reason, RabbitMQ logs an end at info only if the client asked for it.
  if (reason === 'closed by the client' || (reason === '' && level === 'info'))
    return { how: 'closed by the client' };
  if (LOST.test(reason)) return { how: 'lost by the client' };
  return { how: NETWORK.test(reason) ? 'network error' : 'other' };
}

function errorOf(reason: string): ConnectionErrorEvent['what'] {
  if (/unexpected_frame|UNEXPECTED_FRAME/.test(reason)) return 'unexpected frame';
  return /connection_forced|CONNECTION_FORCED/.test(reason) ? 'connection forced' : 'other';
}

const NODE_SENTENCES: readonly [kind: NodeEvent['kind'], pattern: RegExp][] = [
  ['listener started', /^started \w+ [Ll]istener on /i],
  ['listener stopped', /^stopped \w+ [Ll]istener on /i],
  ['node starting', /^ ?Starting RabbitMQ \S+/],
  ['node started', /^\s*Server startup complete/],
  ['node stopping', /^(?:RabbitMQ is asked to stop|Stopping RabbitMQ|Halting Erlang VM)/],
  ['node starting', /^\s*node {11}: \S+/m],
  ['other node down', /^(?:rabbit on )?node \S+ down\b/],
  ['other node up', /^(?:rabbit on )?node \S+ up$/],
  [
    'partition',
    /running_partitioned_network|Partial partition detected|Cluster minority\/secondary status detected/,
  ],
  [
    'alarm',
    /^(?:(?:memory|disk) resource limit alarm set|\S+ (?:memory|disk).* alarm set|vm_memory_high_watermark set)/,
  ],
  ['busy port', /busy_dist_port/],
  [
    'log lines dropped',
    /^lager_\w+ dropped \d+ messages|^Handler \S+ (?:flushed \d+ log events|switched to drop(?:ping)? mode)/,
  ],
];
