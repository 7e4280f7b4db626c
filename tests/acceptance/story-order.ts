import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { asTold } from '../../helpers/report/story.ts';

/**
 * Vitest's sequencer with the order of files fixed: what was slow or red the last time changes
 * nothing. Shards are about equally long, by the cells that each file had in the kept results.
 */
export class StoryOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => asTold(a.moduleId, b.moduleId));
  }

  override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { index = 1, count = 1 } = this.ctx.config.shard ?? {};
    const cells = await cellsOfFiles();
    const ofShard = dealOut(files, ({ moduleId }) => cells[basename(moduleId)] ?? 1, count);
    return this.sort(ofShard[index - 1] ?? []);
  }
}

/** Deals out what has a length, the longest first, each to the hand that holds least by then. Pure. */
export function dealOut<T>(all: readonly T[], lengthOf: (it: T) => number, hands: number): T[][] {
  const dealt = Array.from({ length: hands }, () => ({ held: [] as T[], length: 0 }));
  for (const it of [...all].sort((a, b) => lengthOf(b) - lengthOf(a))) {
    const least = dealt.reduce((a, b) => (b.length < a.length ? b : a));
    least.held.push(it);
    least.length += lengthOf(it);
  }
  return dealt.map(({ held }) => held);
}

async function cellsOfFiles(): Promise<Record<string, number>> {
  const kept = new URL('../../docs/results.json', import.meta.url);
  const { tests } = JSON.parse(await readFile(kept, 'utf8')) as { tests: { file: string }[] };
  const cells: Record<string, number> = {};
  for (const name of tests.map(({ file }) => basename(file))) cells[name] = (cells[name] ?? 0) + 1;
  return cells;
}
