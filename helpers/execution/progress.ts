/** What a cell is at just now, for people who wait. Nothing is judged by it. */
export interface Progress {
  /** In a word or two: `window`. */
  readonly step: string;
  /** How much of it is done, where that can be counted. */
  readonly done?: number | undefined;
  readonly of?: number | undefined;
  /** What is counted: `requests`. */
  readonly unit?: string | undefined;
  /** Milliseconds until this step ends, as far as it is known now. */
  readonly leftMs?: number | undefined;
}

/** Is told what a cell is at, about once a second. */
export type ReportProgress = (now: Progress) => void;

/** The least time between two reports of the same step, milliseconds. */
const EACH_MS = 1000;

/** Reports each step at once, and what changes within a step about once a second. */
export function throttled(report: ReportProgress, now: () => number = Date.now): ReportProgress {
  let last: { step: string; at: number } | undefined;
  return (progress) => {
    const finished = progress.done !== undefined && progress.done === progress.of;
    if (last?.step === progress.step && now() - last.at < EACH_MS && !finished) return;
    last = { step: progress.step, at: now() };
    report(progress);
  };
}
