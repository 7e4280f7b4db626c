import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files in the order in which the story is told; others between these, by name. */
const FIRST = ['heartbeat', 'article'];
/** It loads the machine, and must have it for itself. */
const LAST = 'throughput';

/** Vitest's sequencer with the order of files fixed: what was slow or red the last time changes nothing. */
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
}
