import { expect, test } from 'vitest';
import { byExecution, dealOut } from '../acceptance/sequencer.ts';

test.for<[lengths: number[], hands: number, dealt: number[][]]>([
  [[8, 7, 36, 15, 11, 13], 3, [[36], [15, 8, 7], [13, 11]]],
  [[1, 1, 1], 2, [[1, 1], [1]]],
  [[5], 3, [[5], [], []]],
  [[], 2, [[], []]],
])('lengths %j are dealt to %i hands, the longest first', ([lengths, hands, dealt]) => {
  expect(dealOut(lengths, (length) => length, hands)).toEqual(dealt);
});

test('files that need few images are executed first, and throughput last', () => {
  const files = ['throughput', 'table-nova', 'planted-faults', 'table-servers', 'heartbeat'];
  expect(files.map((name) => `tests/acceptance/${name}.test.ts`).sort(byExecution)).toEqual(
    ['heartbeat', 'table-servers', 'table-nova', 'planted-faults', 'throughput'].map(
      (name) => `tests/acceptance/${name}.test.ts`,
    ),
  );
});
