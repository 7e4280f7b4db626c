import { recordArtifact, type TestContext } from 'vitest';
import type { Progress } from '../../helpers/execution/progress.ts';
import '../../helpers/report/results/steps.ts';

/** Sends the steps of a test to the reporters as they happen. */
export interface Emitter {
  readonly emit: (step: string, text: string) => void;
  readonly progress: (now: Progress) => void;
  /** Settles when the reporters have received everything. */
  readonly flush: () => Promise<void>;
}

/** The emitter of a test. Only `flush` waits for the reporters. */
export function emitterOf(task: TestContext['task']): Emitter {
  const sent: Promise<unknown>[] = [];
  return {
    emit: (step, text) => void sent.push(recordArtifact(task, { type: 'mpm-heartbeat:step', step, text })),
    progress: (progress) =>
      void sent.push(recordArtifact(task, { type: 'mpm-heartbeat:progress', progress })),
    flush: async () => void (await Promise.all(sent)),
  };
}
