import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files in the order in which the story is told; others before the last, by name. */
const FIRST = ['heartbeat', 'article'];

/** Vitest's sequencer with the order of files fixed: what was slow or red the last time changes nothing. */
export class StoryOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = FIRST.indexOf(basename(moduleId, '.test.ts'));
      return index === -1 ? FIRST.length : index;
    };
    return [...files].sort((a, b) => place(a) - place(b) || a.moduleId.localeCompare(b.moduleId));
  }
}
