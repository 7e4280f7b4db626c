/**
 * Pieces of work that are done once, for all who ask. Their promises are kept by key, but not one that is rejected:
 * whoever asks after that has the work done anew.
 */
export class Memo<Key, T> {
  private readonly promises = new Map<Key, Promise<T>>();

  /** The promise that is kept for `key`; without one, `work` is begun and gives it. */
  get(key: Key, work: () => Promise<T>): Promise<T> {
    const kept = this.promises.get(key);
    if (kept) return kept;
    const promise = work();
    this.promises.set(key, promise);
    promise.catch(() => this.forget(key));
    return promise;
  }

  /** What it gave is of no use any more. */
  forget(key: Key): void {
    this.promises.delete(key);
  }

  /** All promises that are kept now. */
  all(): Promise<T>[] {
    return [...this.promises.values()];
  }
}
