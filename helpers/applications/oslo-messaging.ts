import type { Application, Message, Messages } from './application.ts';

/** What every application has that uses oslo.messaging's RabbitMQ driver, and oslo.log in its default form. */
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
        // sic: the article's line
        pattern: /Unexpected error during heartbeart thread processing, retrying\.\.\./,
        releases: 'up to 9.5.0 and 9.6.0 (2019), misspelt; 9.7.x where nothing was sent between two beats',
      },
      {
        pattern: /Unexpected error during heartbeat thread processing, retrying\.\.\./,
        releases:
          '9.5.1, 9.5.2 and 9.8.0 to 12.2.2 where nothing was sent between two beats; later ones for what is not an OSError',
      },
      {
        pattern: /A recoverable connection\/channel error occurred, trying to reconnect: /,
        releases: 'from 9.7.0 on: what a dropped connection prints',
      },
    ],
    // oslo_messaging/_drivers/impl_rabbit.py, 9.5.0 to 18.1.0: what it logs at INFO or WARNING besides.
    others: [
      /\] Reconnected to AMQP server on /,
      /\] Connecting to AMQP server on /,
      /Process forked after connection established!/,
      /\] Stream Queue\.declare: /,
    ],
    unreachable: /AMQP server on \S+ is unreachable: /,
    // kombu sleeps for a whole second before it connects again; what takes less was slow for another reason.
    slowFromMs: 1000,
  },
  brokerAway: [/ oslo\.messaging\.\S+ \[[^\]]*\] Connection failed: .* \(retrying in [\d.]+ seconds\)/],
} as const satisfies Partial<Application>;

/** A broker's URL as `transport_url` has it. */
export function transportUrl(brokerUrl: string): string {
  return brokerUrl.replace(/^amqp:/, 'rabbit:');
}

/** What is in oslo.messaging's envelope. */
export interface OsloMessage extends Readonly<Record<string, unknown>> {
  readonly _msg_id?: string;
  readonly _reply_q?: string;
}

/**
 * Messages as oslo.messaging publishes them, and its replies. Exchange and envelope are its own
 * (https://docs.openstack.org/oslo.messaging/latest/admin/AMQP1.0.html#message-addressing names the concepts;
 * `_drivers/impl_rabbit.py` and `_drivers/common.py` have the format).
 *
 * @param requestIdOf by what is in the envelope.
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

/** The caller's request id, where a message carries a service's context: each of its values stands beside what is sent. */
export function globalRequestId({ _context_global_request_id: id }: OsloMessage): string | undefined {
  return typeof id === 'string' ? id : undefined;
}

/** What oslo.messaging put into its envelope, version 2.0. */
export function openEnvelope({ text }: Pick<Message, 'text'>): OsloMessage {
  const outer = JSON.parse(text) as { 'oslo.message': string };
  return JSON.parse(outer['oslo.message']) as OsloMessage;
}

/** A reply in that envelope. Its unique id, by which who receives it knows it from another, is that of the message. */
function replyTo(id: string | undefined, result: string): string {
  const message = { result, failure: null, ending: true, _msg_id: id, _unique_id: id };
  return JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) });
}
