import type { Plugin } from 'vitest/config';
import type { Reporter, TestModule, TestRunEndReason, Vitest } from 'vitest/node';
import { listenToLost } from '../../engine/set-up-progress.ts';
import { type RunEnd, whyNotWhole } from './run.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Of a test file: how its run ended. */
    end?: RunEnd;
  }
}

/**
 * A plugin that writes into each test file's `meta` how the run ended, before any reporter reads it.
 *
 * Vitest's blobs keep nothing else of a run, and `--reporter=blob` replaces the reporters of the configuration.
 */
export function endOfRun(): Plugin {
  return {
    name: 'mpm-heartbeat:end-of-run',
    configureVitest({ vitest }) {
      if (!vitest.config.mergeReports) vitest.config.reporters.unshift(new EndOfRun());
    },
  };
}

class EndOfRun implements Reporter {
  private shard: RunEnd['shard'];
  private endedEarly: string | undefined;

  onInit(vitest: Vitest): void {
    this.shard = vitest.config.shard;
    vitest.onClose(
      listenToLost((why) => {
        this.endedEarly ??= why;
      }),
    );
  }

  // Not async: Vitest starts all reporters before it waits for any of them.
  onTestRunEnd(modules: readonly TestModule[], _errors: unknown, reason: TestRunEndReason): void {
    const endedEarly = this.endedEarly ?? (reason === 'interrupted' ? 'The run was interrupted.' : undefined);
    for (const module of modules) module.meta().end = { shard: this.shard, endedEarly };
  }
}

/** How a run ended, or the runs that were merged into one. */
export function endOf(modules: readonly TestModule[], { config }: Pick<Vitest, 'config'>): RunEnd {
  const ends = modules.flatMap((module) => module.meta().end ?? []);
  return config.mergeReports ? { endedEarly: whyNotWhole(ends) } : (ends[0] ?? {});
}
