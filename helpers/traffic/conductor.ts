import { randomUUID } from 'node:crypto';
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import type { Messages } from '../applications/application.ts';
import { until } from '../lab/until.ts';

/** Every connection of the suite itself has a name that starts like this; oslo.messaging's never do. */
export const SUITE_CONNECTION = 'suite:';

/**
 * The other end of the application's queue: it receives what is cast and answers what is called,
 * and is not under test. Exchange, queue and envelope are oslo.messaging's
 * (https://docs.openstack.org/oslo.messaging/latest/admin/AMQP1.0.html#message-addressing names the
 * concepts; `_drivers/impl_rabbit.py` and `_drivers/common.py` have the format).
 */
export class Conductor implements AsyncDisposable {
  private readonly arrivals = new Set<string>();
  private lostBecause: string | undefined;
  private closing = false;

  private constructor(
    private readonly connection: ChannelModel,
    private readonly channel: Channel,
    private readonly messages: Messages,
  ) {}

  /** @param messages what it is to receive. */
  static async open(amqpUrl: string, messages: Messages): Promise<Conductor> {
    const connection = await connect(`${amqpUrl}?heartbeat=30`, {
      clientProperties: { connection_name: `${SUITE_CONNECTION}conductor` },
    });
    const channel = await connection.createChannel();
    const conductor = new Conductor(connection, channel, messages);
    connection.on('error', (error: Error) => {
      conductor.lostBecause ??= error.message;
    });
    connection.on('close', () => {
      if (!conductor.closing) conductor.lostBecause ??= 'closed by the broker';
    });
    // e.g. where the exchange has been deleted: then its channel is closed
    channel.on('error', (error: Error) => {
      conductor.lostBecause ??= error.message;
    });
    const { exchange, topics } = messages;
    await channel.assertExchange(exchange, 'topic', { durable: false, autoDelete: false });
    // A queue without a name that the application would declare as well: it need not be like the suite's.
    const { queue } = await channel.assertQueue('', { durable: false, exclusive: true });
    for (const topic of topics) await channel.bindQueue(queue, exchange, topic);
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

  /** The request ids for which a message came. */
  get arrived(): ReadonlySet<string> {
    return this.arrivals;
  }

  /**
   * Publishes a message as the application does, and waits for it: what was published before has been routed
   * by then, and what has not come will not.
   *
   * @returns whether it came.
   */
  async hears(limitMs: number): Promise<boolean> {
    const id = `mark-${randomUUID()}`;
    try {
      const { exchange, topics } = this.messages;
      this.channel.publish(exchange, topics[0] ?? '', envelope({ mark: id }));
      return await until('the conductor’s own message', limitMs, () => this.arrivals.has(id) || undefined);
    } catch {
      return false;
    }
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
    const id = call.mark ?? this.messages.requestIdOf(call) ?? '(no request id)';
    this.arrivals.add(id);
    if (!call._reply_q) return undefined;
    return {
      queue: call._reply_q,
      content: envelope({ result: id, failure: null, ending: true, _msg_id: call._msg_id }),
    };
  }
}

interface OsloMessage extends Readonly<Record<string, unknown>> {
  /** Of the suite's own message. */
  readonly mark?: string;
  readonly _msg_id?: string;
  readonly _reply_q?: string;
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
