/**
 * A map that forgets its oldest entries: it keeps at least the last `most`, and at most twice as many.
 *
 * A Map whose first key is deleted again and again becomes slower with each deletion.
 */
export class RecentMap<Value> {
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();

  constructor(private readonly most: number) {}

  get(key: string): Value | undefined {
    const recent = this.young.get(key);
    return recent === undefined && this.old.size > 0 ? this.old.get(key) : recent;
  }

  set(key: string, value: Value): void {
    this.young.set(key, value);
    if (this.young.size < this.most) return;
    this.old = this.young;
    this.young = new Map();
  }

  delete(key: string): void {
    this.young.delete(key);
    if (this.old.size > 0) this.old.delete(key);
  }

  /** Forgets everything. @returns how many entries there were. */
  clear(): number {
    const { size } = new Set([...this.young.keys(), ...this.old.keys()]);
    this.young.clear();
    this.old.clear();
    return size;
  }
}
