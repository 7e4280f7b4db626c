/**
 * Who may work beside whom. Cells of a file run side by side; their warm-ups, which keep the
 * processors busy, go one after another in the order of the table; and a cell that is tried again
 * has the machine for itself.
 */
export class Turns {
  private queue: Promise<unknown> = Promise.resolve();
  private readonly beside = new Set<Promise<unknown>>();
  private alone: Promise<unknown> = Promise.resolve();

  /** Runs `work` after all work that asked before. */
  readonly inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  };

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
