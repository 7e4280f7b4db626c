/** The current step of a cell, for people who wait. It affects no verdict. */
export interface Progress {
  /** One or two words: `window`. */
  readonly step: string;
  /** How much of the step is done, if that can be counted. */
  readonly done?: number | undefined;
  readonly of?: number | undefined;
  /** What is counted: `requests`. */
  readonly unit?: string | undefined;
  /** Estimated milliseconds until this step ends. */
  readonly leftMs?: number | undefined;
}

/** Receives the current step of a cell, about once a second. */
export type ReportProgress = (now: Progress) => void;

/** The minimum time between two reports of the same step, milliseconds. */
const EACH_MS = 1000;

/** Reports a new step at once, and changes within a step about once a second. */
export function throttled(report: ReportProgress, now: () => number = Date.now): ReportProgress {
  let last: { step: string; at: number } | undefined;
  return (progress) => {
    const finished = progress.done !== undefined && progress.done === progress.of;
    if (last?.step === progress.step && now() - last.at < EACH_MS && !finished) return;
    last = { step: progress.step, at: now() };
    report(progress);
  };
}
