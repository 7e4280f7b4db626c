/**
 * A map that forgets old entries. It keeps at least the last `most` entries, and at most twice as many.
 *
 * It does not delete the first key of one Map each time, because each such deletion takes longer than the last.
 */
export class RecentMap<Value> {
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();

  constructor(private readonly most: number) {}

  get(key: string): Value | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  set(key: string, value: Value): void {
    this.young.set(key, value);
    if (this.young.size < this.most) return;
    this.old = this.young;
    this.young = new Map();
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  deleteAll(isOf: (key: string) => boolean): void {
    for (const map of [this.young, this.old]) for (const key of map.keys()) if (isOf(key)) map.delete(key);
  }
}
