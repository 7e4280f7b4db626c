import { osloMessaging } from '../applications/oslo-messaging.ts';
import type { PythonEntry } from './python-entry.ts';

/**
 * What a line of an application's log says about its messaging.
 *
 * `heartbeat lost it`: the heartbeat's line about a lost connection. `unreachable`: a request met a dead connection.
 * `option`: an option and its value, as oslo.config prints them.
 */
export type MessagingKind =
  | 'heartbeat lost it'
  | 'unreachable'
  | 'reconnected'
  | 'connected'
  | 'forked'
  | 'unexpected frame'
  | 'cross thread'
  | 'reply undeliverable'
  | 'option';

/** The facts in such a line. */
export interface MessagingLine {
  readonly kind: MessagingKind;
  /** The connection's own id, which is the last part of its name at the broker. */
  readonly connectionId?: string | undefined;
  /** The client's port of the new connection. */
  readonly clientPort?: number | undefined;
  /** Why, in the library's words. */
  readonly reason?: string | undefined;
  readonly option?: { readonly name: string; readonly value: string } | undefined;
}

const MESSAGING_LOGGER = /^(?:oslo[._]messaging|amqp|kombu|pika|celery)\b/;
// Any logger at WARNING or above may log these: the exception reaches the library's caller.
const ANY_LOGGER =
  /AMQP server on|closed the connection\. Check login|MessageUndeliverable|NO_ROUTE|missing queue|drop reply to|annot switch to a different thread|UNEXPECTED_FRAME|while expecting 0xce|Process forked after connection/;

/** What a line says about messaging; undefined if it says nothing about it. */
export function messagingLine({
  logger,
  level,
  message,
}: Pick<PythonEntry, 'logger' | 'level' | 'message'>): MessagingLine | undefined {
  if (MESSAGING_LOGGER.test(logger)) return sentence(message);
  // In a format without the logger's name, the message's first word was taken for the name.
  const whole = `${logger} ${message}`;
  if (isHeartbeatLine(whole)) return sentence(whole);
  if (level === 'DEBUG') return message.startsWith('oslo_messaging_rabbit.') ? option(message) : undefined;
  if (level === 'INFO') return undefined;
  return ANY_LOGGER.test(message)
    ? sentence(message)
    : message.startsWith('Deprecated: Option')
      ? option(message)
      : undefined;
}

/** What a text without a known head says, such as the last line of a traceback. */
export function messagingText(text: string): MessagingLine | undefined {
  return ANY_LOGGER.test(text) || isHeartbeatLine(text) ? sentence(text) : undefined;
}

const UNREACHABLE =
  /^(?:\[(?<id>[0-9a-f-]{36})\] )?AMQP server on \S+ is unreachable: (?<reason>.*?)\.? Trying again in/s;
// In place of it if the error is `Socket closed`, as in py-amqp before 2.4 when the broker has closed the connection.
const CLOSED =
  /^(?:\[(?<id>[0-9a-f-]{36})\] )?AMQP server \S+ closed the connection\. Check login credentials: (?<reason>.*)$/s;
const CONNECTED =
  /^(?:\[(?<id>[0-9a-f-]{36})\] )?(?<again>Rec|C)onnected to AMQP server on \S+(?: via \[\w+\] client(?: with port (?<port>\d+))?)?/;
const RETRYING = /^Connection failed: (?<reason>.*) \(retrying in [\d.]+ seconds\)/s;
const RECOVERABLE = /trying to reconnect: (?<reason>.*)$/s;

function sentence(message: string): MessagingLine | undefined {
  const unreachable = [UNREACHABLE, CLOSED, UNREACHABLE_SHORT]
    .map((pattern) => pattern.exec(message)?.groups)
    .find((groups) => groups !== undefined);
  if (unreachable) {
    const { id, reason } = unreachable;
    return { kind: 'unreachable', connectionId: id, reason };
  }
  const connected = CONNECTED.exec(message)?.groups;
  if (connected) {
    const { id, port, again } = connected;
    const clientPort = port === undefined ? undefined : Number(port);
    return { kind: again === 'Rec' ? 'reconnected' : 'connected', connectionId: id, clientPort };
  }
  if (isHeartbeatLine(message)) {
    return { kind: 'heartbeat lost it', reason: RECOVERABLE.exec(message)?.groups?.reason };
  }
  const retrying = RETRYING.exec(message)?.groups;
  if (retrying) return { kind: 'unreachable', reason: retrying.reason };
  const kind = lookalikes.find(([, pattern]) => pattern.test(message))?.[0];
  return kind && { kind, reason: message.slice(0, LONGEST_REASON) };
}

function isHeartbeatLine(text: string): boolean {
  return osloMessaging.signatures.heartbeatErrors.some(({ pattern }) => pattern.test(text));
}

// Before 2016 there was no id. An excerpt may lack `Trying again`.
const UNREACHABLE_SHORT = /AMQP server on \S+ is unreachable: (?<reason>.*)$/s;
const LONGEST_REASON = 300;

/** The words of other faults that are mistaken for missed heartbeats. */
export const lookalikeLines = {
  forked: /Process forked after connection established!/,
  'unexpected frame': /UNEXPECTED_FRAME|while expecting 0xce/,
  // With a capital letter from greenlet 3.1.1 on.
  'cross thread': /[Cc]annot switch to a different thread/,
  'reply undeliverable':
    /MessageUndeliverable.*reply_|NO_ROUTE.*reply_|reply_\w+.*NO_ROUTE|due to a missing queue \(reply_|reply_\w+ doesn't exists?, drop reply to /s,
} as const satisfies Partial<Record<MessagingKind, RegExp>>;
const lookalikes = Object.entries(lookalikeLines) as [keyof typeof lookalikeLines, RegExp][];

// oslo_messaging_rabbit.heartbeat_in_pthread = True, as log_opt_values prints it. At DEBUG, oslo.log adds the function
// and its place (`logging_debug_format_suffix`). The other options, some forty of each start, say nothing here.
const VALUE = /^oslo_messaging_rabbit\.(?<name>heartbeat_in_pthread)\s*= (?<value>\S*)/;
// Deprecated: Option "heartbeat_in_pthread" from group "oslo_messaging_rabbit" is deprecated …
const DEPRECATED = /^Deprecated: Option "(?<name>heartbeat_in_pthread)" from group "oslo_messaging_rabbit"/;

function option(message: string): MessagingLine | undefined {
  const { name, value = 'set' } = (VALUE.exec(message) ?? DEPRECATED.exec(message))?.groups ?? {};
  return name === undefined ? undefined : { kind: 'option', option: { name, value } };
}
