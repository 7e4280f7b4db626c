import { getOrMake } from '../../config/get-or-make.ts';
import type { BrokerEvent, ConnectionEvent, EndedEvent } from '../../logs/rabbitmq-log.ts';

interface Span {
  first: number;
  last: number;
  /** How many events were compared with those of the other logs. */
  compared: number;
}

/**
 * Recognises a log that was given twice: RabbitMQ's file and what journald or docker kept of it, for instance. No two
 * connections have the same client's end and the same Erlang process in the same second.
 */
export class CopiedLogs {
  /** The first events of each log, and whose they are. */
  private readonly seen = new Map<string, string>();
  private readonly spans = new Map<string, Span>();
  private readonly originals = new Map<string, string>();

  /** @param most how many events of each log are compared. */
  constructor(private readonly most: number) {}

  /** Whether another log has this event. */
  has(event: BrokerEvent, broker: string, at: number): boolean {
    const original = this.originals.get(broker);
    if (original !== undefined) return this.covers(original, at);
    const span = getOrMake(this.spans, broker, () => ({ first: at, last: at, compared: 0 }));
    const isCopy =
      (event.kind === 'authenticated' || event.kind === 'ended') &&
      span.compared < this.most &&
      this.isCopied(event, broker, at);
    span.compared += 1;
    if (isCopy) return true;
    span.first = Math.min(span.first, at);
    span.last = Math.max(span.last, at);
    return false;
  }

  private isCopied({ kind, connection }: ConnectionEvent | EndedEvent, broker: string, at: number): boolean {
    const { peer, erlangProcess } = connection;
    if (peer === '') return false;
    const key = `${kind} ${peer} ${erlangProcess} ${Math.floor(at / 1000)}`;
    const owner = this.seen.get(key);
    if (owner === undefined) this.seen.set(key, broker);
    if (owner === undefined || owner === broker) return false;
    this.originals.set(broker, owner);
    return true;
  }

  /** A copy may go on where the other log ends. */
  private covers(broker: string, at: number): boolean {
    const span = this.spans.get(broker);
    return span !== undefined && at >= span.first && at <= span.last;
  }
}
