/**
 * Why nothing could be concluded.
 *
 * - `of`: what cannot be judged: the whole `run`, or the `heartbeat` alone, while what became of the requests
 *   can.
 * - `again`: whether another execution may tell more. What the deployment itself brings about comes back, and what
 *   speaks against it is never executed away.
 */
export const causes = {
  'not played': { of: 'run', again: true },
  'part unusable': { of: 'run', again: false },
  'another server': { of: 'run', again: true },
  'late traffic': { of: 'run', again: true },
  'not disturbed': { of: 'run', again: true },
  'no answer': { of: 'run', again: true },
  'too little traffic': { of: 'run', again: true },
  'blind instrument': { of: 'run', again: true },
  'slow requests': { of: 'run', again: true },
  'heartbeat not confirmed': { of: 'heartbeat', again: true },
  // Of the run: that no error was logged rests on the same log.
  'logger not proven': { of: 'run', again: true },
  'unmatched line': { of: 'heartbeat', again: false },
  'frames disagree': { of: 'heartbeat', again: false },
  'unknown line': { of: 'heartbeat', again: false },
  'connection ended': { of: 'heartbeat', again: false },
  'no drop seen': { of: 'heartbeat', again: true },
  'premise missing': { of: 'run', again: true },
  'requests lost': { of: 'heartbeat', again: false },
} as const satisfies Record<string, { of: 'run' | 'heartbeat'; again: boolean }>;
export type Cause = keyof typeof causes;
export const causeNames = Object.keys(causes) as [Cause, ...Cause[]];

/** Why nothing could be concluded of a cell. */
export interface Doubt {
  readonly cause: Cause;
  /** In a sentence, with what was seen. */
  readonly reason: string;
}
