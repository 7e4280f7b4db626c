/** Gaps that are shorter are within one burst of lines. */
const BURST_MS = 50;
/**
 * Lines may be missing in a gap that is this many times as long as nine of ten others, or, if the log's long gaps are
 * many, nine times as long as the median.
 */
const UNUSUAL = 3;
const SHARE = 0.9;
const MOST_GAPS = 20_000;

/** Finds times without lines. Nothing shows whether such a time was quiet, or its lines are missing. */
export class LogGaps {
  private last: number | undefined;
  private readonly gaps: { readonly until: number; readonly ms: number }[] = [];

  /** @param at when a line was logged, in the order of the log. */
  add(at: number): void {
    const last = this.last ?? at;
    // A clock that was set back may hide as much time as it was set back by.
    const ms = Math.abs(at - last);
    if (ms >= BURST_MS && this.gaps.length < MOST_GAPS) this.gaps.push({ until: Math.max(at, last), ms });
    this.last = at;
  }

  /** Whether the log has an unusually long gap that ends after this time, or too many gaps to tell. */
  hasAfter(at: number): boolean {
    if (this.gaps.length >= MOST_GAPS) return true;
    const ordered = this.gaps.map(({ ms }) => ms).sort((a, b) => a - b);
    const usual = ordered[Math.floor(ordered.length * SHARE)] ?? 0;
    const typical = ordered[ordered.length >> 1] ?? 0;
    return this.gaps.some(({ until, ms }) => until > at && ms > Math.min(usual, typical * UNUSUAL) * UNUSUAL);
  }
}
