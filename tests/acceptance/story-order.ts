import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { asTold } from '../../helpers/report/story.ts';

/**
 * Vitest's sequencer with the order of files fixed: what was slow or red the last time changes
 * nothing. Shards deal the files out in that order, since each of them takes about as long.
 */
export class StoryOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => asTold(a.moduleId, b.moduleId));
  }

  override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { index = 1, count = 1 } = this.ctx.config.shard ?? {};
    return (await this.sort(files)).filter((_, place) => place % count === index - 1);
  }
}
