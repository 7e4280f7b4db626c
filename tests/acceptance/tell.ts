import { recordArtifact, type TestContext } from 'vitest';
import type { RefusedError } from '../../helpers/deployment/deployment.ts';
import type { Progress } from '../../helpers/experiment/progress.ts';
import '../../helpers/report/steps.ts';

/** Tells the reporters what a test does, while it does it. */
export interface Told {
  readonly tell: (step: string, text: string) => void;
  readonly progress: (now: Progress) => void;
  /** Settles when the reporters have heard all of it. */
  readonly heard: () => Promise<void>;
}

/** What a test tells goes to the reporters at once; nothing in the test waits for that. */
export function tellOf(task: TestContext['task']): Told {
  const told: Promise<unknown>[] = [];
  return {
    tell: (step, text) => void told.push(recordArtifact(task, { type: 'mpm-heartbeat:step', step, text })),
    progress: (progress) =>
      void told.push(recordArtifact(task, { type: 'mpm-heartbeat:progress', progress })),
    heard: async () => void (await Promise.all(told)),
  };
}

/** Tells why a row is not played. @returns the same words, for the test that is skipped. */
export async function sayRefused(task: TestContext['task'], { reason }: RefusedError): Promise<string> {
  const { tell, heard } = tellOf(task);
  tell('not played', reason);
  await heard();
  return reason;
}
