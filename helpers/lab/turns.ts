/** Parts of a cell that keep the processors busy. */
export type BusyPart = 'start' | 'warm-up';

/**
 * Who may work beside whom. Cells of a file run side by side; what keeps the processors busy goes in
 * the order of the table, so that the first cell is soon ready: a cell is warmed up while the next
 * one starts, and no other. A cell that is tried again has the machine for itself.
 */
export class Turns {
  private readonly queues = { start: new Queue(2), 'warm-up': new Queue(1) };
  private readonly beside = new Set<Promise<unknown>>();
  private alone: Promise<unknown> = Promise.resolve();

  /** Runs `work` in the order in which it was asked for. A start contains its warm-up. */
  readonly inOrder = <T>(part: BusyPart, work: () => Promise<T>): Promise<T> => this.queues[part].run(work);

  /** Runs `work` beside other work, but not beside work that must be alone. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    await this.alone;
    const result = work();
    this.beside.add(result);
    try {
      return await result;
    } finally {
      this.beside.delete(result);
    }
  }

  /** Runs `work` when nothing else runs, one at a time. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.alone.then(async () => {
      await Promise.allSettled(this.beside);
      return work();
    });
    this.alone = result.catch(() => undefined);
    return result;
  }
}

/** First come, first served, so many at a time. */
class Queue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly width: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.width) this.running++;
    else await new Promise<void>((go) => this.waiting.push(go));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
