import type { BrokerEvent } from '../logs/rabbitmq-log.ts';

interface Span {
  first: number;
  last: number;
}

/**
 * Recognises a log that was given twice: RabbitMQ's file and what journald or docker kept of it, for instance. No two
 * connections have the same client's end and the same Erlang process in the same second.
 */
export class CopiedLogs {
  /** The first events of all logs, and whose they are. */
  private readonly seen = new Map<string, string>();
  private readonly spans = new Map<string, Span>();
  private readonly originals = new Map<string, string>();

  /** @param most how many events are remembered. */
  constructor(private readonly most: number) {}

  /** Whether another log has this event. */
  has(event: BrokerEvent, broker: string, at: number): boolean {
    const original = this.originals.get(broker);
    if (original !== undefined) return this.covers(original, at);
    if ((event.kind === 'authenticated' || event.kind === 'ended') && event.connection.peer !== '') {
      const { peer, erlangProcess } = event.connection;
      const key = `${event.kind} ${peer} ${erlangProcess} ${Math.floor(at / 1000)}`;
      const owner = this.seen.get(key);
      if (owner !== undefined && owner !== broker) {
        this.originals.set(broker, owner);
        return true;
      }
      if (owner === undefined && this.seen.size < this.most) this.seen.set(key, broker);
    }
    this.extend(broker, at);
    return false;
  }

  /** A copy may go on where the other log ends. */
  private covers(broker: string, at: number): boolean {
    const span = this.spans.get(broker);
    return span !== undefined && at >= span.first && at <= span.last;
  }

  private extend(broker: string, at: number): void {
    const span = this.spans.get(broker);
    if (!span) this.spans.set(broker, { first: at, last: at });
    else if (at > span.last) span.last = at;
    else if (at < span.first) span.first = at;
  }
}
