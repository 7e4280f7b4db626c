import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { newestStable } from '../../helpers/config/options.ts';
import { inOrder } from '../../helpers/report/results/file-order.ts';
import type { Row, RowGroup } from '../../helpers/rows/row.ts';
import { table } from '../table/index.ts';
import { executionOrder } from './execution-order.ts';

/** Compares two test files by when they are executed. */
export const byExecution = inOrder(executionOrder);

function nameOf(file: string): string {
  return basename(file, '.test.ts');
}

/**
 * Vitest's sequencer in the order of execution, whatever was slow or failed the last time. Shards take about equally
 * long.
 */
export class TableSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => byExecution(a.moduleId, b.moduleId));
  }

  override async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { index = 1, count = 1 } = this.ctx.config.shard ?? {};
    const shards = dealOut(files, ({ moduleId }) => costOfFile(nameOf(moduleId)), count);
    return this.sort(shards[index - 1] ?? []);
  }
}

/** Deals items to hands, the longest first, each to the hand with the least so far. */
export function dealOut<T>(items: readonly T[], lengthOf: (item: T) => number, hands: number): T[][] {
  const dealt = Array.from({ length: hands }, () => ({ held: [] as T[], length: 0 }));
  for (const item of [...items].sort((a, b) => lengthOf(b) - lengthOf(a))) {
    const least = dealt.reduce((a, b) => (b.length < a.length ? b : a));
    least.held.push(item);
    least.length += lengthOf(item);
  }
  return dealt.map(({ held }) => held);
}

// Costs in units of one interpreter of the stub: of a container without its interpreters, of an interpreter of a real
// service, and of a broker.
const CONTAINER = 2;
const REAL_SERVICE = 4;
const BROKER = 8;

/** The cost of all rows of a file. */
function costOfFile(name: string): number {
  const groups: readonly RowGroup[] = Object.entries(table).find(([file]) => file === name)?.[1] ?? [];
  return groups.flatMap(({ rows }) => rows).reduce((sum, row) => sum + costOfRow(row), CONTAINER);
}

function costOfRow({ deployment: { processes, application, broker = newestStable }, fault }: Row): number {
  const interpreters = processes * (application === undefined ? 1 : REAL_SERVICE);
  const ownBroker = fault !== undefined || broker !== newestStable;
  return CONTAINER + interpreters + (ownBroker ? BROKER : 0);
}
