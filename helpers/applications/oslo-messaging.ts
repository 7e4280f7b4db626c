import type { Application, Message, Messages } from './application.ts';
import { eventletMessages } from './eventlet.ts';

/** The part of a record that all applications with oslo.messaging's RabbitMQ driver and oslo.log's default format share. */
export const osloMessaging = {
  heartbeatLogger: 'oslo.messaging._drivers.impl_rabbit',
  // PROGRAM:PID:UUID
  connectionName: /:(?<pid>\d+):[0-9a-f-]{36}$/,
  // asctime.msecs process levelname name [context] message
  logEntry:
    /^(?<time>\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}) (?<pid>\d+) (?<level>[A-Z]+) (?<logger>\S+) (?<message>.*)$/,
  signatures: {
    heartbeatErrors: [
      {
        // The misspelt line is the article's.
        pattern: /Unexpected error during heartbeart thread processing, retrying\.\.\./,
        releases:
          '5.18.0 to 9.5.0 (except 5.35.6 and 8.1.4), and 9.6.0 (2019); 9.7.x where the client had read nothing for two heartbeats',
      },
      {
        pattern: /Unexpected error during heartbeat thread processing, retrying\.\.\./,
        releases:
          '5.35.6, 8.1.4, 9.5.1, 9.5.2, and 9.8.0 to 12.2.2 (except 12.1.3 and later 12.1.x), all only where the client had read nothing for two heartbeats; later releases for errors other than OSError',
      },
      {
        pattern: /A recoverable connection\/channel error occurred, trying to reconnect: /,
        releases:
          'up to 5.20.0 (with kombu 3), 5.35.6, 8.1.4, 9.5.1, 9.5.2, and from 9.7.0 on: for a dropped connection',
      },
    ],
    // The other lines at INFO or WARNING in oslo_messaging/_drivers/impl_rabbit.py, 9.5.0 to 18.1.0.
    others: [
      /\] Reconnected to AMQP server on /,
      /\] Connecting to AMQP server on /,
      /Process forked after connection established!/,
      /\] Stream Queue\.declare: /,
    ],
    // The second form is for the error `Socket closed`, which py-amqp before 2.4 reports for a dropped connection.
    unreachable:
      /AMQP server (?:on \S+ is unreachable|\S+ closed the connection\. Check login credentials): /,
    // kombu sleeps for a whole second before it connects again. A shorter request was slow for another reason.
    slowFromMs: 1000,
  },
  brokerAway: [/ oslo\.messaging\.\S+ \[[^\]]*\] Connection failed: .* \(retrying in [\d.]+ seconds\)/],
  allowedErrors: eventletMessages,
} as const satisfies Partial<Application>;

/** A broker's URL in the form of `transport_url`. */
export function transportUrl(brokerUrl: string): string {
  return brokerUrl.replace(/^amqp:/, 'rabbit:');
}

/** The fields of oslo.messaging's envelope that are read here. */
export interface OsloMessage extends Readonly<Record<string, unknown>> {
  readonly _msg_id?: string;
  readonly _reply_q?: string;
}

/**
 * Messages and replies in oslo.messaging's format. Concepts:
 * https://docs.openstack.org/oslo.messaging/latest/admin/AMQP1.0.html#message-addressing. Format:
 * `_drivers/impl_rabbit.py` and `_drivers/common.py`.
 *
 * @param requestIdOf gives the request's id from the envelope's content.
 */
export function osloMessages(
  exchange: string,
  topics: readonly string[],
  requestIdOf: (message: OsloMessage) => string | undefined,
): Messages {
  return {
    exchange,
    topics,
    requestIdOf: (message) => requestIdOf(openEnvelope(message)),
    replyTo: (message, requestId) => {
      const { _reply_q: queue, _msg_id: id } = openEnvelope(message);
      return queue === undefined ? undefined : { queue, text: replyTo(id, requestId) };
    },
  };
}

/** The caller's request id from the service's context, whose values are in the message beside the payload. */
export function globalRequestId({ _context_global_request_id: id }: OsloMessage): string | undefined {
  return typeof id === 'string' ? id : undefined;
}

/** The content of oslo.messaging's envelope, version 2.0. */
function openEnvelope({ text }: Pick<Message, 'text'>): OsloMessage {
  const outer = JSON.parse(text) as { 'oslo.message': string };
  return JSON.parse(outer['oslo.message']) as OsloMessage;
}

/** A reply in an envelope. Its unique id, by which the receiver finds duplicates, is the message's id. */
function replyTo(id: string | undefined, result: string): string {
  const message = { result, failure: null, ending: true, _msg_id: id, _unique_id: id };
  return JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) });
}
