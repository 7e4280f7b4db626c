import { expect, test } from 'vitest';
import { nearestNames, noneExecuted } from '../../helpers/report/terminal/none-executed.ts';

const names = [
  'article/prefork-8: prefork 8: reproduced',
  'article/event-1x25: event 1 × 25: clean',
  'article/prefork-1: prefork 1: clean',
  'article/event-8x25: event 8 × 25: dropped',
  'releases/prefork-8-2019: prefork 8, messaging 2019: reproduced',
  'releases/event-1x25-2019: event 1 × 25, messaging 2019: clean',
];

test('the rows nearest to what was asked for come first, by their ids', () => {
  const line = noneExecuted(/event 1x25/, names);
  expect(line).toContain('“event 1x25”');
  expect(line).toMatch(
    /The nearest are “article\/event-1x25”, “releases\/event-1x25-2019”, .*; npm run rows lists all$/,
  );
  expect(line).not.toContain('\n');
});

test('a typing error in an id still finds the id', () => {
  expect(nearestNames('artcle/prefork-8', names)).toMatch(/^The nearest are “article\/prefork-8”/);
});

test.each(['nonsense', 'x', ''])('nothing is like “%s”: names stay in their order, each once', (text) => {
  expect(noneExecuted(new RegExp(text), ['b', 'a', 'b'])).toMatch(/There are “b”, “a”$/);
});
