import type { TimelineData } from './timeline-data.ts';

/**
 * The data of the page of a diagnosis. page-of-diagnosis.ts makes it, and the code in `client/` draws it.
 *
 * Only types are imported here, because the client is checked for a browser.
 */
export interface DiagnosisPageData {
  readonly headline: string;
  /** The time that was covered, and how much was read: a sentence each. */
  readonly facts: readonly string[];
  readonly findings: readonly FindingData[];
  readonly timelines: readonly LogTimeline[];
  /** Whose clock they have: `UTC`, `+02:00`, `as the logs have them`. */
  readonly times: string;
  /** What the timelines do not show, and why. */
  readonly notDrawn: readonly string[];
  readonly programs: readonly ProgramData[];
  /** Each log, its clock, and what could not be read, in lines. */
  readonly logs: readonly string[];
}

/** Something that was found. */
export interface FindingData {
  readonly title: string;
  /** Name and value: the lines that show it, what speaks for and against it, what to do. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The command that shows the same thing. */
  readonly command?: string | undefined;
}

/** A program of one user on one host, or a log of which no broker knows a connection. */
export interface LogTimeline {
  readonly title: string;
  readonly note: string;
  readonly timeline: TimelineData;
  readonly events: readonly EventRow[];
}

/** An event, and the line of a log that shows it. */
export interface EventRow {
  /** As in the timeline, and in words. */
  readonly at: number;
  readonly when: string;
  readonly process: string;
  readonly what: string;
  readonly line: string;
}

export interface ProgramData {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}
