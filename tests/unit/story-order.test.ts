import { expect, test } from 'vitest';
import { dealOut } from '../acceptance/story-order.ts';

test.for<[lengths: number[], hands: number, dealt: number[][]]>([
  [[8, 7, 36, 15, 11, 13], 3, [[36], [15, 8, 7], [13, 11]]],
  [[1, 1, 1], 2, [[1, 1], [1]]],
  [[5], 3, [[5], [], []]],
  [[], 2, [[], []]],
])('%j in %i hands', ([lengths, hands, dealt]) => {
  expect(dealOut(lengths, (it) => it, hands)).toEqual(dealt);
});
