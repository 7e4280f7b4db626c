import { getOrMake } from '../../config/get-or-make.ts';

/** Gaps that are shorter are within one burst of lines. */
const BURST_MS = 50;
/**
 * Lines may be missing in a gap that is this many times as long as nine of ten others, or, if the log's long gaps are
 * many, nine times as long as the median.
 */
const UNUSUAL = 3;
const SHARE = 0.9;
/** Gaps whose lengths differ by less than this share are counted together, so that a log of any length is bounded. */
const PRECISION = 0.01;

/** Gaps of about the same length. */
interface Gaps {
  count: number;
  /** The longest of them, in milliseconds. */
  ms: number;
  /** When the last of them ended. */
  until: number;
}

/** Finds times without lines. Nothing shows whether such a time was quiet, or its lines are missing. */
export class LogGaps {
  private last: number | undefined;
  private total = 0;
  private readonly byLength = new Map<number, Gaps>();

  /** @param at when a line was logged, in the order of the log. */
  add(at: number): void {
    const last = this.last ?? at;
    this.last = at;
    // A clock that was set back may hide as much time as it was set back by.
    const ms = Math.abs(at - last);
    if (ms < BURST_MS) return;
    this.total += 1;
    const length = Math.floor(Math.log(ms) / PRECISION);
    const gaps = getOrMake(this.byLength, length, () => ({ count: 0, ms, until: at }));
    gaps.count += 1;
    gaps.ms = Math.max(gaps.ms, ms);
    gaps.until = Math.max(gaps.until, at, last);
  }

  /** Whether the log has an unusually long gap that ends after this time. */
  hasAfter(at: number): boolean {
    const ordered = [...this.byLength.values()].sort((a, b) => a.ms - b.ms);
    const usual = lengthAt(ordered, Math.floor(this.total * SHARE));
    const typical = lengthAt(ordered, this.total >> 1);
    return ordered.some(({ until, ms }) => until > at && ms > Math.min(usual, typical * UNUSUAL) * UNUSUAL);
  }
}

/** The length of the gap at an index, if all are in the order of their lengths. */
function lengthAt(ordered: readonly Gaps[], index: number): number {
  let before = 0;
  for (const { count, ms } of ordered) {
    before += count;
    if (before > index) return ms;
  }
  return 0;
}
