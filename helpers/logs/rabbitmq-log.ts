import { getOrMake } from '../config/get-or-make.ts';
import type { LogTime } from './log-time.ts';
import type { Unwrapped } from './prefix-facts.ts';
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
 * `lost by the client`: its socket closed without `Connection.Close`. `network error`: the broker could not send, for
 * instance its own heartbeat.
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
  /** The heartbeat timeout that was agreed on, if the line names it. */
  readonly timeoutSeconds?: number | undefined;
}

/** An error on a connection that goes on, or is about to be closed. */
export interface ConnectionErrorEvent extends AnyBrokerEvent {
  readonly kind: 'connection error';
  readonly connection?: ConnectionMention | undefined;
  readonly what: 'unexpected frame' | 'other';
  /** AMQP's name of the exception, in small letters, if the line has it. */
  readonly exception?: string | undefined;
}

/**
 * Something that happened to the broker as a whole. `not read`: a line that may say how a connection ended, in a form
 * that is not known, or without its reason. `collector lost lines`: not RabbitMQ's own line, and of any program of the host.
 */
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
    | 'busy port'
    | 'log lines dropped'
    | 'collector lost lines'
    | 'not read';
  /** The node's name, if the line names it. */
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
  /** Known if the reason came first: a store of logs may swap lines of the same time. */
  readonly reason?: string;
}

/** The last lines of each source (a host, a pod), which lines without a head continue. */
interface Source {
  readonly host: string | undefined;
  head?: RabbitmqHead;
  /** By Erlang process, because lines of two brokers may be mixed. */
  readonly pending: Map<string, Pending>;
  latest?: Pending | undefined;
}

const MOST_PENDING = 32;

/**
 * Reads RabbitMQ's log line by line, in every form from 3.5 to 4.3. It may begin anywhere in the log, because a closing
 * line says by itself whose connection it was.
 *
 * Sources of the sentences: `rabbit_reader.erl`, `rabbit_networking.erl`, `rabbit_node_monitor.erl` and
 * `rabbit_logger_*_fmt.erl` of rabbitmq-server, tags rabbitmq_v3_5_0 to v4.3.5.
 */
export class RabbitmqLogReader {
  private readonly sources = new Map<string, Source>();

  constructor(private emit: (event: BrokerEvent) => void) {}

  /** Continues in the next file of a rotated log. An entry whose reason is in the next file belongs to that file. */
  continueIn(emit: (event: BrokerEvent) => void): void {
    this.emit = emit;
    for (const source of this.sources.values()) {
      for (const pending of source.pending.values()) pending.number = undefined;
    }
  }

  /** Reads a line that begins an entry. @returns whether it does. */
  entry(unwrapped: Unwrapped, number: number): boolean {
    const entry = rabbitmqEntry(unwrapped);
    const report = entry ?? rabbitmqReportHead(unwrapped.line);
    if (!report) return false;
    if (entry && isWithoutHead(entry) && !this.mayBegin(unwrapped, entry)) return false;
    const { host } = unwrapped.prefix;
    const source = getOrMake(this.sources, keyOf(unwrapped), (): Source => ({ host, pending: new Map() }));
    if (entry) {
      this.message(source, entry, number);
    } else {
      this.flush(source);
      source.head = report;
    }
    return true;
  }

  /**
   * Whether a sentence without a head is an entry of its own. In a report of RabbitMQ 3.5 or 3.6 it continues the entry
   * above. A sentence that is only a reason counts if a closing line still waits for one.
   */
  private mayBegin(unwrapped: Unwrapped, { message }: RabbitmqEntry): boolean {
    const source = this.sources.get(keyOf(unwrapped));
    const isInReport = source?.head?.erlangProcess === '' && source.head.level !== '';
    return !isInReport && (!REASON.test(message) || source?.pending.has('') === true);
  }

  /** Reads a line that continues an entry. @returns whether there is one of the same source above. */
  continuation(unwrapped: Unwrapped, number: number): boolean {
    const source = this.sources.get(keyOf(unwrapped));
    if (!source?.head) return false;
    const { latest, head } = source;
    if (latest) {
      source.pending.delete(latest.head.erlangProcess);
      source.latest = undefined;
      this.settle(latest, unwrapped.line, number);
    } else if (unwrapped.line.trim() !== '') {
      // A report of 3.5 or 3.6, or a sentence that lager wrote on a line of its own.
      this.sentence(source, head, unwrapped.line, number);
    }
    return true;
  }

  /** Emits the entries that still wait for their reason. */
  end(): void {
    for (const source of this.sources.values()) this.flush(source);
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

  /** A line after a reason that came first: its closing line, or another. */
  private afterReason(source: Source, before: Pending, head: RabbitmqEntry, number: number): void {
    const closing = connectionSentence(head.message, knownOf(head));
    const isOfReason = closing?.kind === 'ended' && head.time?.ms === before.head.time?.ms;
    this.settle(isOfReason ? { ...before, connection: closing.connection } : before, '', number);
    if (!isOfReason) this.sentence(source, head, head.message, number);
  }

  private sentence(source: Source, head: RabbitmqHead, text: string, number: number): void {
    const { host } = source;
    const [message, reason] = messageAndReason(text);
    const at = { time: head.time, line: number, lastLine: number, host };
    const found = connectionSentence(message, knownOf(head));
    if (!found) {
      if (REASON.test(text)) {
        const connection = { ...NOBODY, ...knownOf(head) };
        this.wait(source, { head, kind: 'ended', connection, number, host, reason: text });
        return;
      }
      const event = nodeSentence(text);
      if (event) this.emit({ ...event, ...at });
      return;
    }
    const { kind, connection, isClosed } = found;
    if (kind !== 'ended' && kind !== 'connection error') {
      if (connection) this.emit({ kind, connection, ...at });
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

  /** @param after the text after the closing line. It counts unless the reason came first. */
  private settle(pending: Pending, after: string, lastLine: number): void {
    const { head, kind, connection, number, host, reason = after } = pending;
    const at = { time: head.time, line: number ?? lastLine, lastLine, host };
    const words = reason.trim();
    if (kind === 'connection error') {
      const what = /unexpected_frame|UNEXPECTED_FRAME/.test(words) ? 'unexpected frame' : 'other';
      const [, exception] = /caused a connection exception (\w+)/.exec(words) ?? [];
      this.emit({ kind, connection, what, exception, ...at });
    } else if (words === '' && head.level !== 'info') {
      // RabbitMQ logs a reason for each end that the client did not ask for, so a line is missing.
      this.emit({ kind: 'not read', ...at });
    } else if (connection) {
      this.emit({ kind, connection, ...endingOf(words, head.level), ...at });
    }
  }
}

/** Where a line came from, by its prefixes. */
function keyOf({ prefix }: Unwrapped): string {
  const { host, program, container } = prefix;
  return host === undefined && container === undefined ? '' : `${host} ${program} ${container}`;
}

function isWithoutHead({ level, erlangProcess }: RabbitmqHead): boolean {
  return level === '' && erlangProcess === '';
}

/** The reason for an end, without the line that names the connection. */
const REASON = /^missed heartbeats from client, timeout: \d+s/;
const NOBODY: ConnectionMention = { peer: '', local: '' };

/** Splits an entry that has several lines in one, as in JSON or with RabbitMQ's `single_line`. */
function messageAndReason(text: string): readonly [message: string, reason?: string] {
  const lineBreak = text.indexOf('\n');
  if (lineBreak !== -1) return [text.slice(0, lineBreak), text.slice(lineBreak + 1)];
  const end = text.startsWith(CLOSING) ? text.indexOf('):, ') : -1;
  return end === -1 ? [text] : [text.slice(0, end + 2), text.slice(end + 4)];
}

/** If the line does not name the connection's process, as in 4.1 and later, it is the process that logs. */
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

/** Whether a message begins an entry about a connection. Otherwise it is the reason that another entry waits for. */
function startsEntry(message: string): boolean {
  return (
    [CLOSING, ACCEPTING, ERROR, 'connection <', 'Connection <'].some((start) => message.startsWith(start)) ||
    [NAMED, GRANTED].some((part) => message.includes(part))
  );
}

/** @param known facts about the connection, from the entry's head. */
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
  // `includes` first, because lines that name a connection lack it and are long.
  const granted = rest.includes(GRANTED) ? rest.lastIndexOf(GRANTED) : -1;
  if (granted !== -1) {
    const userAt = rest.lastIndexOf(USER, granted);
    const user = rest.slice(userAt + USER.length, granted);
    const vhost = rest.slice(granted + GRANTED.length, rest.lastIndexOf("'"));
    const connection = connectionMention(rest.slice(0, userAt), { ...known, user, vhost });
    return { kind: 'authenticated', connection };
  }
  const named = rest.indexOf(NAMED);
  if (named === -1) return undefined;
  const name = rest.slice(named + NAMED.length);
  return { kind: 'named', connection: connectionMention(rest.slice(0, named), { ...known, name }) };
}

function closing(rest: string, known: KnownOfMention): Sentence | undefined {
  const text = rest.trimEnd();
  const hasReason = text.endsWith(':');
  if (!(hasReason || text.endsWith(')'))) return undefined;
  const mention = hasReason ? text.slice(0, -1) : text;
  // 4.2, about connections that are not AMQP: PEER -> LOCAL (duration: '3s'):
  const connection = connectionMention(mention.replace(/ \((duration: '[^']*')\)$/, ', $1'), known);
  return connection && { kind: 'ended', connection, isClosed: !hasReason };
}

/** The words of ends that the client did not ask for, in RabbitMQ 3.5 to 4.3. */
export const brokerReasons = {
  // 3.5.0 and 3.5.1 do not name the timeout: {heartbeat_timeout,running}
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
  // Only an end that the client asked for has the level info.
  if (reason === 'closed by the client' || (reason === '' && level === 'info'))
    return { how: 'closed by the client' };
  if (brokerReasons['lost by the client'].test(reason)) return { how: 'lost by the client' };
  return { how: brokerReasons['network error'].test(reason) ? 'network error' : 'other' };
}

/** The words of RabbitMQ's lines about ends of connections. A line with them that cannot be understood was not read. */
export const END_OF_CONNECTION =
  /closing AMQP connection (?!.*: credential has expired$)|missed heartbeats from client/;

const NODE_SENTENCES: readonly [kind: NodeEvent['kind'], pattern: RegExp][] = [
  ['listener started', /^started \w+ [Ll]istener on /i],
  ['listener stopped', /^stopped \w+ [Ll]istener on /i],
  ['node starting', /^ ?Starting RabbitMQ \S/],
  ['node started', /^\s*Server startup complete/],
  ['node stopping', /^(?:RabbitMQ is asked to stop|Stopping RabbitMQ|Halting Erlang VM)/],
  ['node starting', /^\s*node {11}: (?<node>\S+)/m],
  ['other node down', /^(?:rabbit on )?node (?<node>\S+) down\b/],
  ['other node up', /^(?:rabbit on )?node (?<node>\S+) up$/],
  [
    'partition',
    /running_partitioned_network|Partial partition detected|Cluster minority\/secondary status detected/,
  ],
  ['busy port', /busy_dist_port/],
  [
    'log lines dropped',
    /^lager_\w+ dropped \d+ messages|^Handler \S+ (?:flushed \d+ log events|switched to drop(?:ping)? mode)/,
  ],
  ['not read', END_OF_CONNECTION],
];

function nodeSentence(text: string): Pick<NodeEvent, 'kind' | 'node'> | undefined {
  for (const [kind, pattern] of NODE_SENTENCES) {
    const match = pattern.exec(text);
    if (match) return { kind, node: match.groups?.node };
  }
  return undefined;
}
