import type { Vitest } from 'vitest/node';
import { emitLost } from '../../helpers/engine/set-up-progress.ts';

/**
 * Ends a run early. Tests that have ended keep their results. Running tests are aborted and skipped; later tests are
 * skipped.
 *
 * @param why one sentence, for the reporters.
 */
export function endEarly(vitest: Vitest, why: string): void {
  emitLost(why);
  // Not awaited, because it settles when the run has ended, and the run waits for its set-up.
  void vitest.cancelCurrentRun('test-failure');
}
