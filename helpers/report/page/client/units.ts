export { count } from '../../../config/count.ts';

/** Milliseconds as `12.345 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** A time of day, UTC, with milliseconds. */
export function clock(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(11, 23)} UTC`;
}
