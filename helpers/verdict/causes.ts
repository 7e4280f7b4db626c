/**
 * Why a cell could not be judged.
 *
 * - `of`: what cannot be judged: the whole `run`, or the `heartbeat` alone, while the requests can be.
 * - `again`: whether another execution may tell more. What the deployment itself causes comes back, and positive
 *   evidence is never executed away.
 */
export const causes = {
  'not executed': { of: 'run', again: true },
  'part unusable': { of: 'run', again: false },
  'another server': { of: 'run', again: true },
  'late traffic': { of: 'run', again: true },
  'fault not proven': { of: 'run', again: true },
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
  'precondition not met': { of: 'run', again: true },
  'requests lost': { of: 'heartbeat', again: false },
  'throughput not measured': { of: 'run', again: false },
  'throughput unclear': { of: 'run', again: false },
} as const satisfies Record<string, { of: 'run' | 'heartbeat'; again: boolean }>;
export type Cause = keyof typeof causes;
export const causeNames = Object.keys(causes) as [Cause, ...Cause[]];

/** Why a cell could not be judged. */
export interface Doubt {
  readonly cause: Cause;
  /** In a sentence, with what was seen. */
  readonly reason: string;
}

/** The first doubt that applies. */
export function firstDoubt(...doubts: readonly (() => Doubt | undefined)[]): Doubt | undefined {
  for (const doubtOf of doubts) {
    const doubt = doubtOf();
    if (doubt) return doubt;
  }
  return undefined;
}
