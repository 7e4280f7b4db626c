/**
 * Why a cell could not be judged.
 *
 * - `of`: what could not be judged. `run`: everything. `heartbeat`: only the heartbeat; the requests could be.
 * - `again`: whether the row is executed again. It is not if the deployment itself is the cause, because a second
 *   execution must not hide positive evidence.
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
  // `run`, because the same log must show that no error was logged.
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
  /** One sentence, with the observed facts. */
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
