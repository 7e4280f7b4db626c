import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Role, roles } from '../rows/load.ts';

/**
 * The order in which each block loads its servers. It is random, so that no drift of the machine favours one of them, and
 * the same for the same seed.
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
