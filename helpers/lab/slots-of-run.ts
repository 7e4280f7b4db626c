import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import type { EndOfSlot, Slots, Turn } from './slots.ts';

type Message =
  | { readonly kind: 'ask'; readonly id: string; readonly turn: Turn }
  | { readonly kind: 'go' | 'end'; readonly id: string };

/** Deals out the slots of a run, in the process that owns it. @returns what ends that. */
export function dealSlots(runId: string, slots: Slots): Disposable {
  const channel = open(runId);
  const ends = new Map<string, Promise<EndOfSlot>>();
  channel.onmessage = async (event) => {
    const message = messageOf(event);
    if (message.kind === 'ask') {
      const end = slots.take(message.turn);
      ends.set(message.id, end);
      await end;
      channel.postMessage({ kind: 'go', id: message.id } satisfies Message);
    } else if (message.kind === 'end') {
      // of one that was never told to go as well: its turn ends as soon as it comes
      (await ends.get(message.id))?.();
      ends.delete(message.id);
    }
  };
  return { [Symbol.dispose]: () => channel.close() };
}

/** The slots of a run, as a worker of it asks for them. */
export class SlotsOfRun implements Disposable {
  private readonly channel: BroadcastChannel;
  /** What was asked for and not given back, and what is called when its turn has come. */
  private readonly asked = new Map<string, () => void>();

  constructor(runId: string) {
    this.channel = open(runId);
    this.channel.onmessage = (event) => {
      const { kind, id } = messageOf(event);
      if (kind === 'go') this.asked.get(id)?.();
    };
  }

  /** Does `work` when it is its turn. */
  readonly take = async <T>(turn: Turn, work: () => Promise<T>): Promise<T> => {
    const end = await this.ask(turn);
    try {
      return await work();
    } finally {
      end();
    }
  };

  /** Gives back what is still held or asked for, e.g. by a test that took too long: others wait for it. */
  [Symbol.dispose](): void {
    for (const id of this.asked.keys()) this.end(id);
    this.channel.close();
  }

  private end(id: string): void {
    if (this.asked.delete(id)) this.channel.postMessage({ kind: 'end', id } satisfies Message);
  }

  private async ask(turn: Turn): Promise<EndOfSlot> {
    const id = randomUUID();
    await new Promise<void>((go) => {
      this.asked.set(id, go);
      this.channel.postMessage({ kind: 'ask', id, turn } satisfies Message);
    });
    return () => this.end(id);
  }
}

function open(runId: string): BroadcastChannel {
  const channel = new BroadcastChannel(`mpm-heartbeat ${runId}`);
  // Nobody is kept from ending by it.
  channel.unref();
  return channel;
}

function messageOf(event: unknown): Message {
  return (event as { data: Message }).data;
}
