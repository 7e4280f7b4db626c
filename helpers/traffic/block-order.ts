import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * The servers of a throughput block: the one to compare with, another of exactly its kind (the
 * control), and the one that is in question.
 */
export const roles = ['baseline', 'baselineAgain', 'candidate'] as const;
export type Role = (typeof roles)[number];

/**
 * The order in which each block loads its servers, random so that no drift of the machine favours
 * one of them; the same for the same seed.
 */
export function blockOrders(seed: number, blocks: number): Role[][] {
  const random = xoroshiro128plus(seed);
  return Array.from({ length: blocks }, () => {
    const order: Role[] = [...roles];
    for (let last = order.length - 1; last > 0; last--) {
      const other = uniformInt(random, 0, last);
      [order[last], order[other]] = [order[other] as Role, order[last] as Role];
    }
    return order;
  });
}
