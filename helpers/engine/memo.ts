/** Keeps promises by key, so that work is done once for all callers. A rejected promise is not kept. */
export class Memo<Key, T> {
  private readonly promises = new Map<Key, Promise<T>>();

  /** The promise that is kept for `key`, or else the new promise of `work`. */
  get(key: Key, work: () => Promise<T>): Promise<T> {
    const kept = this.promises.get(key);
    if (kept) return kept;
    const promise = work();
    this.promises.set(key, promise);
    promise.catch(() => this.forget(key));
    return promise;
  }

  /** Forgets the promise of `key`, so that the next call does the work again. */
  forget(key: Key): void {
    this.promises.delete(key);
  }

  /** All kept promises. */
  all(): Promise<T>[] {
    return [...this.promises.values()];
  }
}
