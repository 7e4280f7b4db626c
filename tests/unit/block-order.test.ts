import { expect, test } from 'vitest';
import { roles } from '../../helpers/rows/load.ts';
import { blockOrders } from '../../helpers/traffic/block-order.ts';

test('every block has every server once', () => {
  for (const order of blockOrders(1, 50)) expect([...order].sort()).toEqual([...roles].sort());
});

test('a seed always gives the same order, and a longer run begins like a shorter one', () => {
  expect(blockOrders(42, 12)).toEqual(blockOrders(42, 12));
  expect(blockOrders(42, 12).slice(0, 5)).toEqual(blockOrders(42, 5));
  expect(blockOrders(43, 12)).not.toEqual(blockOrders(42, 12));
});

test('no server comes first more often than by chance', () => {
  const orders = blockOrders(1, 3000);
  for (const role of roles) {
    const share = orders.filter(([first]) => first === role).length / orders.length;
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.37);
  }
});
