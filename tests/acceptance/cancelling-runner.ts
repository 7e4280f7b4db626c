import { once, setMaxListeners } from 'node:events';
import { TestRunner } from 'vitest';
import { CUT_OFF } from '../../helpers/report/results/test-state.ts';

type Test = Parameters<TestRunner['onAfterTryTask']>[0];
type Reason = Parameters<TestRunner['cancel']>[0];

/**
 * Vitest's runner, except that a cancelled run skips every running test at once. Vitest 4.1 loses track of concurrent
 * tests as soon as one of them has ended, and waits for the others.
 */
export default class CancellingRunner extends TestRunner {
  private readonly cancelled = new AbortController();

  override cancel(reason: Reason): void {
    super.cancel(reason);
    this.cancelled.abort();
  }

  async runTask(test: Test): Promise<void> {
    const { signal } = this.cancelled;
    setMaxListeners(0, signal);
    const giveUp = () => test.context.skip(CUT_OFF);
    if (signal.aborted) giveUp();
    await Promise.race([TestRunner.getTestFn(test)(), once(signal, 'abort').then(giveUp)]);
  }
}
