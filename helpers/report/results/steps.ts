import type { Progress } from '../../execution/progress.ts';

/** Something that happened in a test, sent as it happened. It stays on the screen. */
export interface StepArtifact {
  readonly type: 'mpm-heartbeat:step';
  readonly step: string;
  readonly text: string;
}

/** What a test does at the moment; the next report replaces it. */
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
