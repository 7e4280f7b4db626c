import type { Vitest } from 'vitest/node';
import { emitLost } from '../../helpers/engine/progress.ts';

/**
 * Ends a run early. Tests that have ended keep their results. Tests that are running are given up at once and skipped,
 * as are those that have not begun.
 *
 * @param why in a sentence, for the reporters.
 */
export function endEarly(vitest: Vitest, why: string): void {
  emitLost(why);
  // Not awaited: it settles when the run has ended, and the run waits for its set-up.
  void vitest.cancelCurrentRun('test-failure');
}
