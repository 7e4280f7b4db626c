import { osloMessaging } from '../applications/oslo-messaging.ts';
import type { PythonEntry } from './python-entry.ts';

export const messagingKinds = [
  'heartbeat lost it',
  'unreachable',
  'reconnected',
  'connected',
  'connection lost',
  'forked',
  'unexpected frame',
  'cross thread',
  'reply undeliverable',
  'reply timeout',
  'other heartbeat',
  'option',
] as const;
/**
 * What a line of an application's log says about its messaging.
 *
 * `heartbeat lost it`: the heartbeat's own line of a lost connection. `unreachable`: a request met a dead connection.
 * `connection lost`: another library found its socket dead. `other heartbeat`: heartbeats that are not AMQP's, such as
 * celery's gossip between workers. `option`: an option and its value, as oslo.config prints them.
 */
export type MessagingKind = (typeof messagingKinds)[number];

/** The facts in such a line. */
export interface MessagingLine {
  readonly kind: MessagingKind;
  /** The connection's own id, which is the last part of its name at the broker. */
  readonly connectionId?: string | undefined;
  /** The broker as the application knows it, `HOST:PORT`. */
  readonly broker?: string | undefined;
  /** The client's port of the new connection. */
  readonly clientPort?: number | undefined;
  /** Why, in the library's words. */
  readonly reason?: string | undefined;
  readonly option?: { readonly name: string; readonly value: string } | undefined;
}

const MESSAGING_LOGGER = /^(?:oslo[._]messaging|amqp|kombu|pika|celery)\b/;
// Loggers of any name at WARNING or above: the exception reaches whoever called the library.
const ANY_LOGGER =
  /AMQP server on|MessageUndeliverable|NO_ROUTE|MessagingTimeout|Timed out waiting for a reply|cannot switch to a different thread|UNEXPECTED_FRAME|while expecting 0xce|missed heartbeat|[Hh]eartbeats missed|StreamLostError|ConnectionResetError|CONNECTION_FORCED|Process forked after connection/;

/** What a line says about messaging; undefined if it says nothing about it. */
export function messagingLine({
  logger,
  level,
  message,
}: Pick<PythonEntry, 'logger' | 'level' | 'message'>): MessagingLine | undefined {
  if (MESSAGING_LOGGER.test(logger)) return sentence(message);
  // A format without the logger's name: the first word was taken for it.
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
  /^(?:\[(?<id>[0-9a-f-]{36})\] )?AMQP server on (?<broker>\S+) is unreachable: (?<reason>.*?)\.? Trying again in/s;
const CONNECTED =
  /^(?:\[(?<id>[0-9a-f-]{36})\] )?(?<again>Rec|C)onnected to AMQP server on (?<broker>\S+)(?: via \[\w+\] client(?: with port (?<port>\d+))?)?/;
const RETRYING = /^Connection failed: (?<reason>.*) \(retrying in [\d.]+ seconds\)/s;
const RECOVERABLE = /trying to reconnect: (?<reason>.*)$/s;

function sentence(message: string): MessagingLine | undefined {
  const unreachable = UNREACHABLE.exec(message)?.groups ?? UNREACHABLE_SHORT.exec(message)?.groups;
  if (unreachable) {
    const { id, broker, reason } = unreachable;
    return { kind: 'unreachable', connectionId: id, broker, reason };
  }
  const connected = CONNECTED.exec(message)?.groups;
  if (connected) {
    const { id, broker, port, again } = connected;
    const clientPort = port === undefined ? undefined : Number(port);
    return { kind: again === 'Rec' ? 'reconnected' : 'connected', connectionId: id, broker, clientPort };
  }
  if (isHeartbeatLine(message)) {
    return { kind: 'heartbeat lost it', reason: RECOVERABLE.exec(message)?.groups?.reason };
  }
  const retrying = RETRYING.exec(message)?.groups;
  if (retrying) return { kind: 'unreachable', reason: retrying.reason };
  const kind = OTHERS.find(([, pattern]) => pattern.test(message))?.[0];
  return kind && { kind, reason: message.slice(0, LONGEST_REASON) };
}

function isHeartbeatLine(text: string): boolean {
  return osloMessaging.signatures.heartbeatErrors.some(({ pattern }) => pattern.test(text));
}

// Before 2016 the id was not there, and `Trying again` may be missing in an excerpt.
const UNREACHABLE_SHORT = /AMQP server on (?<broker>\S+) is unreachable: (?<reason>.*)$/s;
const LONGEST_REASON = 300;

/** How other faults are worded that are taken for missed heartbeats. */
export const neighbourLines = {
  forked: /Process forked after connection established!/,
  'unexpected frame': /UNEXPECTED_FRAME|while expecting 0xce/,
  'cross thread': /cannot switch to a different thread/,
  'reply undeliverable':
    /MessageUndeliverable.*reply_|NO_ROUTE.*reply_|reply_\w+.*(?:NO_ROUTE|due to a missing queue)/s,
} as const satisfies Partial<Record<MessagingKind, RegExp>>;

const OTHERS: readonly [MessagingKind, RegExp][] = [
  ...(Object.entries(neighbourLines) as [MessagingKind, RegExp][]),
  ['reply timeout', /Timed out waiting for a reply|MessagingTimeout/],
  ['other heartbeat', /missed heartbeat from \S+@/],
  [
    'connection lost',
    /Too many heartbeats missed|missed heartbeats from (?:client|server)|StreamLostError|AMQPConnectionError|ConnectionResetError|CONNECTION_FORCED|Server unexpectedly closed connection/,
  ],
];

// oslo_messaging_rabbit.heartbeat_timeout_threshold = 60, as log_opt_values prints it
const VALUE = /^oslo_messaging_rabbit\.(?<name>\w+)\s*= (?<value>.*)$/;
// Deprecated: Option "heartbeat_in_pthread" from group "oslo_messaging_rabbit" is deprecated …
const DEPRECATED = /^Deprecated: Option "(?<name>\w+)" from group "oslo_messaging_rabbit"/;

function option(message: string): MessagingLine | undefined {
  const { name, value = 'set' } = (VALUE.exec(message) ?? DEPRECATED.exec(message))?.groups ?? {};
  return name === undefined ? undefined : { kind: 'option', option: { name, value: value.trim() } };
}
