/** A stretch of time, milliseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The shortest stretch that can be shown, milliseconds. */
const LEAST = 20;

/** The stretch that all timelines of a group show. */
export class Zoom {
  private now: Stretch;
  private readonly watchers = new Set<() => void>();

  constructor(private whole: Stretch) {
    this.now = whole;
  }

  get stretch(): Stretch {
    return this.now;
  }

  get zoomed(): boolean {
    return this.now.from > this.whole.from || this.now.to < this.whole.to;
  }

  watch(watcher: () => void): void {
    this.watchers.add(watcher);
  }

  /** Shows all the time of the cells, which may be other cells than before. */
  showWhole(whole: Stretch = this.whole): void {
    this.whole = whole;
    this.set(whole);
  }

  /** @param factor above 1 shows more time. @param centre stays where it is, milliseconds. */
  by(factor: number, centre = (this.now.from + this.now.to) / 2): void {
    const { from, to } = this.now;
    this.set({ from: centre - (centre - from) * factor, to: centre + (to - centre) * factor });
  }

  /** @param share of the stretch that is shown, to the right. */
  pan(share: number): void {
    const { from, to } = this.now;
    const room = share > 0 ? this.whole.to - to : from - this.whole.from;
    const by = Math.sign(share) * Math.min(Math.abs(share) * (to - from), Math.max(0, room));
    this.set({ from: from + by, to: to + by });
  }

  set({ from, to }: Stretch): void {
    const width = Math.max(LEAST, to - from);
    const start = Math.max(this.whole.from, Math.min(from, this.whole.to - width));
    this.now = { from: start, to: Math.min(this.whole.to, start + width) };
    for (const watcher of this.watchers) watcher();
  }
}
