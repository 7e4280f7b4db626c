import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files in the order in which the story is told; others between these, by name. */
const FIRST = ['heartbeat', 'truth-table'];
/** It must have the machine for itself, and waits until it has. */
const LAST = 'throughput';

/**
 * Vitest's sequencer with the order of files fixed: what was slow or red the last time changes
 * nothing. Shards deal the files out in that order, since each of them takes about as long.
 */
export class StoryOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const name = basename(moduleId, '.test.ts');
      if (name === LAST) return FIRST.length + 1;
      const index = FIRST.indexOf(name);
      return index === -1 ? FIRST.length : index;
    };
    return [...files].sort((a, b) => place(a) - place(b) || a.moduleId.localeCompare(b.moduleId));
  }

  override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { index = 1, count = 1 } = this.ctx.config.shard ?? {};
    return (await this.sort(files)).filter((_, place) => place % count === index - 1);
  }
}
