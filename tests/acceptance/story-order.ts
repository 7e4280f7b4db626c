import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { newestStable } from '../../helpers/config/options.ts';
import type { Deployment } from '../../helpers/deployment/deployment.ts';
import { asTold } from '../../helpers/report/story.ts';

// In interpreters of the stub: what a server's container takes beside its own, an interpreter of a real service, a broker.
const CONTAINER = 2;
const REAL_SERVICE = 4;
const BROKER = 8;

/**
 * Vitest's sequencer with the order of files fixed: what was slow or red the last time changes
 * nothing. Shards are about equally long, by the deployments that each file had in the kept results.
 */
export class StoryOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => asTold(a.moduleId, b.moduleId));
  }

  override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { index = 1, count = 1 } = this.ctx.config.shard ?? {};
    const costs = await costsOfFiles();
    const ofShard = dealOut(files, ({ moduleId }) => costs[basename(moduleId)] ?? CONTAINER, count);
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

/** How long each file's cells keep the processors busy, in interpreters of the stub that start meanwhile. */
async function costsOfFiles(): Promise<Record<string, number>> {
  const kept = new URL('../../docs/results.json', import.meta.url);
  const { tests } = JSON.parse(await readFile(kept, 'utf8')) as { tests: { file: string; cell: KeptCell }[] };
  const costs: Record<string, number> = {};
  for (const { file, cell } of tests) costs[basename(file)] = (costs[basename(file)] ?? 0) + costOf(cell);
  return costs;
}

interface KeptCell {
  readonly kind: string;
  readonly deployment: Pick<Deployment, 'processes' | 'application' | 'broker'>;
}

function costOf({ kind, deployment: { processes, application, broker } }: KeptCell): number {
  const ownBroker = kind === 'disturbance' || broker !== newestStable;
  const interpreters = processes * (application === 'stub' ? 1 : REAL_SERVICE);
  return CONTAINER + interpreters + (ownBroker ? BROKER : 0);
}
