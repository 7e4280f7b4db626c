import { expect, test } from 'vitest';
import { RecentMap } from '../../helpers/diagnosis/history/recent-map.ts';

test('the last entries are kept, and old ones forgotten', () => {
  const map = new RecentMap<number>(3);
  for (let number = 0; number < 10; number += 1) map.set(`${number}`, number);
  expect(['7', '8', '9'].map((key) => map.get(key))).toEqual([7, 8, 9]);
  expect(['0', '1', '2', '3'].map((key) => map.get(key))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a deleted entry is gone, wherever it was', () => {
  const map = new RecentMap<number>(2);
  for (const key of ['1', '2', '3', '2']) map.set(key, 1);
  map.delete('1');
  expect(map.get('1')).toBeUndefined();
  expect(map.clear()).toBe(2);
  expect([map.get('2'), map.get('3')]).toEqual([undefined, undefined]);
});
