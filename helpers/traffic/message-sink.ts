import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Message, Messages } from '../applications/application.ts';
import { SUITE_CONNECTION } from '../evidence/broker-log.ts';
import { AMQP_LIMIT_MS, closeAmqp, openAmqp } from '../lab/amqp.ts';
import type { Broker, VirtualHost } from '../lab/broker.ts';
import { until, within } from '../lab/until.ts';

/** Exchange and queue for messages that match no other queue. They outlive the broker's restart. */
const UNROUTED = 'unrouted';

/**
 * The suite's consumer at the broker: it receives the application's messages and answers its calls. It is not under test.
 * The application's record has the messages' format.
 */
export class MessageSink implements AsyncDisposable {
  /** The messages of each request. The same content twice is one message that was published again after a reconnect. */
  private readonly arrivals = new Map<string, Set<string>>();
  private lostBecause: string | undefined;
  private unreadableBecause: string | undefined;
  private readonly came = { named: 0, nameless: 0 };
  private closing = false;
  private keepsUnrouted = false;

  private constructor(
    private readonly amqpUrl: string,
    private readonly messages: Messages,
    private connection: ChannelModel,
    private channel: Channel,
  ) {}

  /** Connects a new sink for `messages`. @throws LabError if the broker does not answer in time. */
  static async open(amqpUrl: string, messages: Messages): Promise<MessageSink> {
    const { connection, channel } = await connected(amqpUrl);
    const messageSink = new MessageSink(amqpUrl, messages, connection, channel);
    try {
      await within('the message sink’s queue', AMQP_LIMIT_MS, messageSink.subscribe());
      return messageSink;
    } catch (error) {
      await messageSink[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Lets the broker keep messages while the sink is disconnected, so that none is lost, whoever reconnects first. */
  async keepUnrouted(broker: Broker, virtualHost: VirtualHost): Promise<void> {
    this.keepsUnrouted = true;
    await within('the message sink’s second queue', AMQP_LIMIT_MS, this.consumeUnrouted());
    await broker.setAlternate(virtualHost, this.messages.exchange, UNROUTED);
  }

  /** Connects again if the connection was lost. @throws LabError after `limitMs`. */
  async reopen(limitMs: number): Promise<void> {
    if (this.lostBecause === undefined) return;
    const again = async () => {
      const { connection, channel } = await connected(this.amqpUrl);
      [this.connection, this.channel] = [connection, channel];
      this.lostBecause = undefined;
      await this.subscribe();
      return true;
    };
    await until('the message sink’s connection', limitMs, again);
  }

  private async subscribe(): Promise<void> {
    const { connection, channel } = this;
    const lost = (why: string) => {
      if (!this.closing && connection === this.connection) this.lostBecause ??= why;
    };
    connection.on('error', (error: Error) => lost(error.message));
    connection.on('close', () => lost('closed by the broker'));
    // E.g. if the exchange was deleted, which closes the channel.
    channel.on('error', (error: Error) => lost(error.message));
    const { exchange, type = 'topic', durable = false, topics } = this.messages;
    await channel.assertExchange(exchange, type, { durable, autoDelete: false });
    // A queue with a generated name: under a fixed name the application might declare a different queue.
    const { queue } = await channel.assertQueue('', { durable: false, exclusive: true });
    for (const topic of topics) await channel.bindQueue(queue, exchange, topic);
    await this.consume(queue);
    if (this.keepsUnrouted) await this.consumeUnrouted();
  }

  private async consumeUnrouted(): Promise<void> {
    await this.channel.assertExchange(UNROUTED, 'fanout', { durable: true });
    await this.channel.assertQueue(UNROUTED, { durable: true });
    await this.channel.bindQueue(UNROUTED, UNROUTED, '');
    await this.consume(UNROUTED);
  }

  private async consume(queue: string): Promise<void> {
    await this.channel.consume(queue, (message) => message && this.receive(message), { noAck: true });
  }

  /** RabbitMQ's version, from its side of the handshake. */
  get brokerVersion(): string {
    return this.connection.connection.serverProperties.version;
  }

  /** The number of messages that arrived from each request, by its id. */
  get arrived(): ReadonlyMap<string, number> {
    return new Map([...this.arrivals].map(([id, messages]) => [id, messages.size]));
  }

  /**
   * Publishes a message where the application does, and waits for it. All earlier messages have then been routed, and
   * messages that have not arrived will not arrive.
   *
   * @returns whether the message arrived.
   */
  async receivesOwn(limitMs: number): Promise<boolean> {
    const messageId = `${SUITE_CONNECTION}${randomUUID()}`;
    try {
      const { exchange, topics } = this.messages;
      this.channel.publish(exchange, topics[0] ?? '', Buffer.alloc(0), { messageId });
      return await until(
        'the message sink’s own message',
        limitMs,
        () => this.arrivals.has(messageId) || undefined,
      );
    } catch {
      return false;
    }
  }

  /** Why the connection was lost, if it was. */
  get lost(): string | undefined {
    return this.lostBecause;
  }

  /** Why the messages could not be read, if they could not. */
  get unreadable(): string | undefined {
    const { named, nameless } = this.came;
    if (named > 0 || nameless === 0) return this.unreadableBecause;
    return (
      this.unreadableBecause ?? `${nameless} messages arrived, and none names the request that it came from`
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing = true;
    await closeAmqp(this.connection);
  }

  private keep(id: string, text: string): void {
    this.arrivals.set(id, (this.arrivals.get(id) ?? new Set()).add(text));
  }

  private receive({ content, properties }: ConsumeMessage): void {
    const { messageId, correlationId, replyTo, headers = {} } = properties;
    if (String(messageId).startsWith(SUITE_CONNECTION)) {
      this.keep(messageId, '');
      return;
    }
    const message: Message = { text: content.toString('utf8'), headers, messageId, correlationId, replyTo };
    try {
      const id = this.messages.requestIdOf(message);
      this.came[id === undefined ? 'nameless' : 'named']++;
      if (id === undefined) return;
      this.keep(id, message.text);
      const reply = this.messages.replyTo?.(message, id);
      if (!reply) return;
      this.channel.sendToQueue(reply.queue, Buffer.from(reply.text), {
        contentType: 'application/json',
        ...(reply.correlationId !== undefined && { correlationId: reply.correlationId }),
      });
    } catch (error) {
      this.unreadableBecause ??= (error as Error).message;
    }
  }
}

async function connected(amqpUrl: string): Promise<{ connection: ChannelModel; channel: Channel }> {
  const connection = await openAmqp(`${amqpUrl}?heartbeat=30`, `${SUITE_CONNECTION}messageSink`);
  try {
    const channel = await within('the message sink’s channel', AMQP_LIMIT_MS, connection.createChannel());
    return { connection, channel };
  } catch (error) {
    await closeAmqp(connection);
    throw error;
  }
}
