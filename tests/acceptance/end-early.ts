import type { Vitest } from 'vitest/node';
import { tellLost } from '../../helpers/engine/progress.ts';

/**
 * Ends a run before all of it is played. What is decided stays; what is being played is given up at once, and is
 * skipped like what has not begun.
 *
 * @param why in a sentence, for the reporters.
 */
export function endEarly(vitest: Vitest, why: string): void {
  tellLost(why);
  // It settles when the run has ended, and the run waits for its set-up: nobody may wait for it here.
  void vitest.cancelCurrentRun('test-failure');
}
