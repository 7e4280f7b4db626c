import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import type { EndOfSlot, Slots, Turn } from './slots.ts';

type Message =
  | { readonly kind: 'ask'; readonly id: string; readonly turn: Turn }
  | { readonly kind: 'go' | 'end'; readonly id: string };

/** Gives the workers of a run their slots, in the process that owns the run. @returns an object whose disposal ends this. */
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
      // If a worker gives a slot back before the slot is granted, it is released as soon as it is granted.
      (await ends.get(message.id))?.();
      ends.delete(message.id);
    }
  };
  return { [Symbol.dispose]: () => channel.close() };
}

/** The slots of a run, for one of its workers. */
export class SlotsOfRun implements Disposable {
  private readonly channel: BroadcastChannel;
  /** The slots that were asked for and not given back, each with a function to call when its turn comes. */
  private readonly asked = new Map<string, () => void>();

  constructor(runId: string) {
    this.channel = open(runId);
    this.channel.onmessage = (event) => {
      const { kind, id } = messageOf(event);
      if (kind === 'go') this.asked.get(id)?.();
    };
  }

  /** Does `work` in a slot. */
  readonly take = async <T>(turn: Turn, work: () => Promise<T>): Promise<T> => {
    const end = await this.request(turn);
    try {
      return await work();
    } finally {
      end();
    }
  };

  /** Gives back all slots, e.g. of a test that took too long, because others wait for them. */
  [Symbol.dispose](): void {
    for (const id of this.asked.keys()) this.end(id);
    this.channel.close();
  }

  private end(id: string): void {
    if (this.asked.delete(id)) this.channel.postMessage({ kind: 'end', id } satisfies Message);
  }

  private async request(turn: Turn): Promise<EndOfSlot> {
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
  // The channel must not keep the process alive.
  channel.unref();
  return channel;
}

function messageOf(event: unknown): Message {
  return (event as { data: Message }).data;
}
