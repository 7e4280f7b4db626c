import type { Unwrapped } from './envelope.ts';
import type { LogTime } from './log-time.ts';
import {
  type RabbitmqEntry,
  type RabbitmqHead,
  rabbitmqEntry,
  rabbitmqReportHead,
} from './rabbitmq-entry.ts';
import { type ConnectionMention, connectionMention, type KnownOfMention } from './rabbitmq-mention.ts';

/** How RabbitMQ says that a connection ended. */
export const brokerEndings = [
  'missed heartbeats',
  'closed by the client',
  'lost by the client',
  'network error',
  'other',
] as const;
/**
 * `lost by the client`: its socket was gone without `Connection.Close`. `network error`: what the broker sent could not
 * be delivered, its own heartbeat for instance.
 */
export type BrokerEnding = (typeof brokerEndings)[number];

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
  /** The broker's own words; empty if there are none. */
  readonly reason: string;
  /** The heartbeat timeout that was agreed on, where the line names it. */
  readonly timeoutSeconds?: number | undefined;
}

/** An error on a connection that goes on, or is about to be closed. */
export interface ConnectionErrorEvent extends AnyBrokerEvent {
  readonly kind: 'connection error';
  readonly connection?: ConnectionMention | undefined;
  readonly what: 'unexpected frame' | 'connection forced' | 'other';
  readonly reason: string;
}

export const nodeEventKinds = [
  'listener started',
  'listener stopped',
  'node starting',
  'node started',
  'node stopping',
  'other node up',
  'other node down',
  'partition',
  'alarm',
  'busy port',
  'log lines dropped',
  'not read',
] as const;
/** Something that happened to the broker as a whole. `not read`: a line may say how a connection ended, in a form unknown. */
export interface NodeEvent extends AnyBrokerEvent {
  readonly kind: (typeof nodeEventKinds)[number];
  readonly text: string;
  /** RabbitMQ's version, or the node's name, where the line tells it. */
  readonly version?: string | undefined;
  readonly node?: string | undefined;
}

export type BrokerEvent = ConnectionEvent | EndedEvent | ConnectionErrorEvent | NodeEvent;

/** An entry whose reason may be on the next line. */
interface Pending {
  readonly head: RabbitmqHead;
  readonly kind: 'ended' | 'connection error';
  readonly connection: ConnectionMention | undefined;
  /** Undefined if the line is in an earlier file. */
  number: number | undefined;
  readonly host: string | undefined;
  /** Known where the reason came first: a store of logs may turn around lines of the same time. */
  readonly reason?: string;
}

/** What the log of each source (a host, a pod) last had, for lines without a head. */
interface Source {
  readonly host: string | undefined;
  head: RabbitmqHead | undefined;
  /** By Erlang process: of two brokers' lines that are mixed, each finds its own. */
  readonly pending: Map<string, Pending>;
  latest: Pending | undefined;
}

const MOST_PENDING = 32;

/**
 * Reads RabbitMQ's log line by line, in every form from 3.5 to 4.3, in any part of it: a closing line says by itself
 * whose connection it was.
 *
 * Sources of the sentences: `rabbit_reader.erl`, `rabbit_networking.erl`, `rabbit_node_monitor.erl` and
 * `rabbit_logger_*_fmt.erl` of rabbitmq-server, tags rabbitmq_v3_5_0 to v4.3.5.
 */
export class RabbitmqLogReader {
  private readonly sources = new Map<string, Source>();

  constructor(private emit: (event: BrokerEvent) => void) {}

  /** Goes on in the next file of a rotated log. An entry whose reason is in the next file counts as that file's. */
  continueIn(emit: (event: BrokerEvent) => void): void {
    this.emit = emit;
    for (const source of this.sources.values()) {
      for (const pending of source.pending.values()) pending.number = undefined;
    }
  }

  /** Reads a line with a head of RabbitMQ's. @returns whether it has one. */
  entry(unwrapped: Unwrapped, number: number): boolean {
    const entry = rabbitmqEntry(unwrapped);
    const report = entry ?? rabbitmqReportHead(unwrapped.line);
    if (!report) return false;
    if (entry && isWithoutHead(entry) && !this.mayBegin(unwrapped, entry)) return false;
    const source = this.sourceOf(unwrapped);
    if (entry) {
      this.message(source, entry, number);
    } else {
      this.flush(source);
      source.head = report;
    }
    return true;
  }

  /** Whether a sentence without a head is an entry. Below a report's head it is not, and a reason needs its closing line. */
  private mayBegin(unwrapped: Unwrapped, { message }: RabbitmqEntry): boolean {
    const source = this.sources.get(keyOf(unwrapped));
    const isInReport = source?.head?.erlangProcess === '' && source.head.level !== '';
    return !isInReport && (!REASON.test(message) || source?.pending.has('') === true);
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
      // A report of 3.5 or 3.6, or a sentence that lager has put on a line of its own.
      this.sentence(source, head, unwrapped.line, number);
    }
    return true;
  }

  /** Emits what was waiting for a line that never came. */
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
    const pending = source.pending.size === 0 ? undefined : source.pending.get(head.erlangProcess);
    if (pending) {
      // logger repeats the head on each line of an entry; lager and JSON do not.
      source.pending.delete(head.erlangProcess);
      if (source.latest === pending) source.latest = undefined;
      if (pending.reason !== undefined) {
        this.afterReason(source, pending, head, number);
        return;
      }
      const isNextEntry = startsEntry(message);
      this.settle(pending, isNextEntry ? '' : message, isNextEntry ? (pending.number ?? number) : number);
      if (!isNextEntry) return;
    }
    this.sentence(source, head, message, number);
  }

  /** The closing line of which the reason came first, or another line. */
  private afterReason(source: Source, before: Pending, head: RabbitmqEntry, number: number): void {
    const closing = connectionSentence(head.message, knownOf(head));
    const isOfReason = closing?.kind === 'ended' && head.time?.ms === before.head.time?.ms;
    this.settle(isOfReason ? { ...before, connection: closing.connection } : before, '', number);
    if (!isOfReason) this.sentence(source, head, head.message, number);
  }

  private sentence(source: Source, head: RabbitmqHead, text: string, number: number): void {
    const { host } = source;
    const [message, reason] = messageAndReason(text);
    const { time } = head;
    const found = connectionSentence(message, knownOf(head));
    if (!found) {
      if (REASON.test(text)) {
        const connection = { ...NOBODY, ...knownOf(head) };
        this.wait(source, { head, kind: 'ended', connection, number, host, reason: text });
        return;
      }
      const event = nodeSentence(text);
      if (event) this.emit({ ...event, time, line: number, lastLine: number, host });
      return;
    }
    const { kind, connection, isClosed } = found;
    if (kind !== 'ended' && kind !== 'connection error') {
      if (connection) this.emit({ kind, connection, time, line: number, lastLine: number, host });
      return;
    }
    const pending: Pending = { head, kind, connection, number, host };
    if (isClosed) this.settle(pending, 'closed by the client', number);
    else if (reason !== undefined) this.settle(pending, reason, number);
    else this.wait(source, pending);
  }

  private wait(source: Source, pending: Pending): void {
    if (source.pending.size >= MOST_PENDING) this.flush(source);
    const before = source.pending.get(pending.head.erlangProcess);
    if (before) this.settle(before, '', before.number ?? 1);
    source.pending.set(pending.head.erlangProcess, pending);
    source.latest = pending.reason === undefined ? pending : undefined;
  }

  private flush(source: Source): void {
    for (const pending of source.pending.values()) this.settle(pending, '', pending.number ?? 1);
    source.pending.clear();
    source.latest = undefined;
  }

  /** @param after what is after the closing line; it may have been before it. */
  private settle(pending: Pending, after: string, lastLine: number): void {
    const { head, kind, connection, number, host, reason = after } = pending;
    const at = { time: head.time, line: number ?? lastLine, lastLine, host };
    const words = reason.trim();
    if (kind === 'connection error') {
      this.emit({ kind, connection, what: errorOf(words), reason: words, ...at });
    } else if (connection) {
      this.emit({ kind, connection, ...endingOf(words, head.level), reason: words, ...at });
    }
  }
}

/** Who wrote a line, as far as its prefixes say. */
function keyOf({ prefix }: Unwrapped): string {
  const { host, program, container } = prefix;
  return host === undefined && container === undefined ? '' : `${host} ${program} ${container}`;
}

function isWithoutHead({ level, erlangProcess }: RabbitmqHead): boolean {
  return level === '' && erlangProcess === '';
}

/** The reason of an end without the line that names the connection. */
const REASON = /^missed heartbeats from client, timeout: \d+s/;
const NOBODY: ConnectionMention = { peer: '', local: '' };

/** An entry of several lines in one: as JSON has it, or with RabbitMQ's `single_line`. */
function messageAndReason(text: string): readonly [message: string, reason?: string] {
  const lineBreak = text.indexOf('\n');
  if (lineBreak !== -1) return [text.slice(0, lineBreak), text.slice(lineBreak + 1)];
  const oneLine = text.startsWith(CLOSING) ? text.indexOf('):, ') + 2 : 1;
  return oneLine === 1 ? [text] : [text.slice(0, oneLine), text.slice(oneLine + 2)];
}

/** An entry's own process is the connection's where the line does not name it, as in 4.1 and later. */
function knownOf({ erlangProcess }: RabbitmqHead): KnownOfMention {
  return erlangProcess === '' ? {} : { erlangProcess };
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

/** Whether a message begins an entry about a connection, rather than being the reason that another entry waits for. */
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

/** @param known of the connection, from the entry's head. */
function connectionSentence(message: string, known: KnownOfMention): Sentence | undefined {
  if (message.startsWith(CLOSING)) return closing(message.slice(CLOSING.length), known);
  if (message.startsWith(ACCEPTING)) {
    return { kind: 'accepted', connection: connectionMention(message.slice(ACCEPTING.length), known) };
  }
  if (message.startsWith(ERROR)) {
    // <0.1.0> (PEER -> LOCAL - NAME, vhost: 'V', user: 'U', state: running), channel 0:
    const [mention = ''] = /^.*\)/.exec(message.slice(ERROR.length)) ?? [];
    return { kind: 'connection error', connection: connectionMention(mention, known) };
  }
  if (!message.startsWith('onnection ', 1)) return undefined;
  const rest = message.slice('connection '.length);
  // Searched from its start, because a line that names a connection does not have it, and is long.
  const granted = rest.includes(GRANTED) ? rest.lastIndexOf(GRANTED) : -1;
  if (granted !== -1) {
    const userAt = rest.lastIndexOf(USER, granted);
    const user = rest.slice(userAt + USER.length, granted);
    const vhost = rest.slice(granted + GRANTED.length, rest.lastIndexOf("'"));
    const { erlangProcess } = known;
    return {
      kind: 'authenticated',
      connection: connectionMention(rest.slice(0, userAt), { erlangProcess, user, vhost }),
    };
  }
  const named = rest.indexOf(NAMED);
  if (named === -1) return undefined;
  const { erlangProcess } = known;
  const name = rest.slice(named + NAMED.length);
  return { kind: 'named', connection: connectionMention(rest.slice(0, named), { erlangProcess, name }) };
}

function closing(rest: string, known: KnownOfMention): Sentence | undefined {
  const text = rest.trimEnd();
  const hasReason = text.endsWith(':');
  if (!(hasReason || text.endsWith(')'))) return undefined;
  const mention = hasReason ? text.slice(0, -1) : text;
  // 4.2, of what is not AMQP: PEER -> LOCAL (duration: '3s'):
  const connection = connectionMention(mention.replace(/ \((duration: '[^']*')\)$/, ', $1'), known);
  return connection && { kind: 'ended', connection, isClosed: !hasReason };
}

/** How RabbitMQ words the ends of connections that their clients did not ask for, in any form from 3.5 to 4.3. */
export const brokerReasons = {
  // 3.5.0 and 3.5.1 name no timeout: {heartbeat_timeout,running}
  'missed heartbeats': /[Mm]issed heartbeats from client, timeout: \d+s|\{heartbeat_timeout,/,
  'lost by the client': /client unexpectedly closed TCP connection|connection_closed_abruptly/,
  // rabbit_reader.erl throws {inet_error, Reason} when its heartbeat, or anything else, cannot be sent.
  'network error': /heartbeat_send_error|\{inet_error,|\{writer,send_failed/,
} as const satisfies Partial<Record<BrokerEnding, RegExp>>;
const TIMEOUT = /timeout: (\d+)s/;

function endingOf(reason: string, level: string): Pick<EndedEvent, 'how' | 'timeoutSeconds'> {
  if (brokerReasons['missed heartbeats'].test(reason)) {
    const [, seconds] = TIMEOUT.exec(reason) ?? [];
    return { how: 'missed heartbeats', timeoutSeconds: seconds === undefined ? undefined : Number(seconds) };
  }
  // Only what the client asked for is no more than information.
  if (reason === 'closed by the client' || (reason === '' && level === 'info'))
    return { how: 'closed by the client' };
  if (brokerReasons['lost by the client'].test(reason)) return { how: 'lost by the client' };
  return { how: brokerReasons['network error'].test(reason) ? 'network error' : 'other' };
}

function errorOf(reason: string): ConnectionErrorEvent['what'] {
  if (/unexpected_frame|UNEXPECTED_FRAME/.test(reason)) return 'unexpected frame';
  return /connection_forced|CONNECTION_FORCED/.test(reason) ? 'connection forced' : 'other';
}

/** Words about the end of a connection. Whatever has them should have been read. */
export const END_OF_CONNECTION =
  /closing AMQP connection (?!.*: credential has expired$)|missed heartbeats from client/;

const NODE_SENTENCES: readonly [kind: NodeEvent['kind'], pattern: RegExp][] = [
  ['listener started', /^started \w+ [Ll]istener on /i],
  ['listener stopped', /^stopped \w+ [Ll]istener on /i],
  ['node starting', /^ ?Starting RabbitMQ (?<version>\S+)/],
  ['node started', /^\s*Server startup complete/],
  ['node stopping', /^(?:RabbitMQ is asked to stop|Stopping RabbitMQ|Halting Erlang VM)/],
  ['node starting', /^\s*node {11}: (?<node>\S+)/m],
  ['other node down', /^(?:rabbit on )?node (?<node>\S+) down\b/],
  ['other node up', /^(?:rabbit on )?node (?<node>\S+) up$/],
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
  ['not read', END_OF_CONNECTION],
];

function nodeSentence(text: string): Pick<NodeEvent, 'kind' | 'text' | 'version' | 'node'> | undefined {
  for (const [kind, pattern] of NODE_SENTENCES) {
    const match = pattern.exec(text);
    if (match) {
      const { version, node } = match.groups ?? {};
      return { kind, text: text.trim().slice(0, LONGEST_TEXT), version, node };
    }
  }
  return undefined;
}

const LONGEST_TEXT = 300;
