import type { Progress } from '../experiment/progress.ts';

/** Something that happened in a cell, told as it happened. It stays on the screen. */
export interface StepArtifact {
  readonly type: 'mpm-heartbeat:step';
  readonly step: string;
  readonly text: string;
}

/** What a cell is at just now; the next one replaces it. */
export interface ProgressArtifact {
  readonly type: 'mpm-heartbeat:progress';
  readonly progress: Progress;
}

// Artifacts and not annotations: Vitest's own reporter would print every annotation of a test that fails
// once more.
declare module 'vitest' {
  interface TestArtifactRegistry {
    step: StepArtifact;
    progress: ProgressArtifact;
  }
}
