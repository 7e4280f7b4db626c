import { expect, test } from 'vitest';
import { nonePlayed } from '../../helpers/report/none-played.ts';

const names = [
  'prefork 8: reproduced',
  'event 1 × 25: clean',
  'prefork 1: clean',
  'event 8 × 25: silent',
  'prefork 8, messaging 2019: reproduced',
  'event 1 × 25, messaging 2019: clean',
];

test('names that are like it come first', () => {
  expect(nonePlayed(/event 1x25/, names)).toBe(
    'No cell was played: no test has a name that matches “event 1x25”. There are “event 1 × 25: clean”, “event 1 × 25, messaging 2019: clean”, “event 8 × 25: silent”, “prefork 1: clean”, “prefork 8: reproduced”, and 1 more',
  );
});

test.each(['nonsense', 'x', ''])('nothing is like “%s”: in the order in which they are played', (it) => {
  expect(nonePlayed(new RegExp(it), ['b', 'a', 'b'])).toMatch(/There are “b”, “a”$/);
});
