import { randomUUID } from 'node:crypto';
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';

const EXCHANGE = 'nova';
const TOPIC = 'conductor';

/** Every connection of the suite itself has a name that starts like this; oslo.messaging's never do. */
export const SUITE_CONNECTION = 'suite:';

/**
 * The other end of the application's queue: it receives what is cast and answers what is called,
 * and is not under test. Exchange, queue and envelope are oslo.messaging's
 * (https://docs.openstack.org/oslo.messaging/latest/admin/AMQP1.0.html#message-addressing names the
 * concepts; `_drivers/impl_rabbit.py` and `_drivers/common.py` have the format).
 */
export class Conductor implements AsyncDisposable {
  private readonly arrivals = new Map<string, number>();
  private lostBecause: string | undefined;
  private closing = false;

  private constructor(private readonly connection: ChannelModel) {}

  static async open(amqpUrl: string): Promise<Conductor> {
    const connection = await connect(`${amqpUrl}?heartbeat=30`, {
      clientProperties: { connection_name: `${SUITE_CONNECTION}conductor` },
    });
    const conductor = new Conductor(connection);
    connection.on('error', (error: Error) => {
      conductor.lostBecause ??= error.message;
    });
    connection.on('close', () => {
      if (!conductor.closing) conductor.lostBecause ??= 'closed by the broker';
    });
    const channel = await connection.createChannel();
    await channel.assertExchange(EXCHANGE, 'topic', { durable: false, autoDelete: false });
    const { queue } = await channel.assertQueue(TOPIC, { durable: false, exclusive: true });
    await channel.bindQueue(queue, EXCHANGE, TOPIC);
    await channel.consume(
      queue,
      (message) => {
        if (message) {
          const reply = conductor.receive(message);
          if (reply) channel.sendToQueue(reply.queue, reply.content, { contentType: 'application/json' });
        }
      },
      { noAck: true },
    );
    return conductor;
  }

  /** RabbitMQ's version, as it told when it was connected to. */
  get brokerVersion(): string {
    return this.connection.connection.serverProperties.version;
  }

  /** How many messages came for each request id. */
  get arrived(): ReadonlyMap<string, number> {
    return this.arrivals;
  }

  /** Why the broker and this end have lost each other, if they have. */
  get lost(): string | undefined {
    return this.lostBecause;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing = true;
    await this.connection.close().catch(() => undefined);
  }

  private receive(message: ConsumeMessage): { queue: string; content: Buffer } | undefined {
    const call = openEnvelope(message.content);
    const id = call.args?.request_id ?? '(no request id)';
    this.arrivals.set(id, (this.arrivals.get(id) ?? 0) + 1);
    if (!call._reply_q) return undefined;
    return {
      queue: call._reply_q,
      content: envelope({ result: id, failure: null, ending: true, _msg_id: call._msg_id }),
    };
  }
}

interface OsloMessage {
  method?: string;
  args?: { request_id?: string };
  _msg_id?: string;
  _reply_q?: string;
}

/** What oslo.messaging put into its envelope, version 2.0. */
export function openEnvelope(content: Buffer): OsloMessage {
  const outer = JSON.parse(content.toString('utf8')) as { 'oslo.message': string };
  return JSON.parse(outer['oslo.message']) as OsloMessage;
}

/** A message in oslo.messaging's envelope, version 2.0. */
export function envelope(message: object): Buffer {
  return Buffer.from(
    JSON.stringify({
      'oslo.version': '2.0',
      'oslo.message': JSON.stringify({ ...message, _unique_id: randomUUID().replaceAll('-', '') }),
    }),
  );
}
