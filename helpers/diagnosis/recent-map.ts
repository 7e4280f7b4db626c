/**
 * A map that forgets what was set long ago: it keeps at least the last `most` entries, and at most twice as many.
 *
 * Deleting a Map's first key again and again would do, and takes longer with each deletion.
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

  /** @returns how many entries were deleted. */
  deleteAll(isOf: (key: string) => boolean): number {
    const keys = new Set([...this.young.keys(), ...this.old.keys()].filter(isOf));
    for (const key of keys) this.delete(key);
    return keys.size;
  }
}
