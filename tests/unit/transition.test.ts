import { expect, test } from 'vitest';
import { holdsGate, standings, transition } from '../../helpers/report/transition.ts';

const pairs = standings.flatMap((before) => standings.map((after) => [before, after] as const));

/** Every transition, a line each. */
function table(same: Parameters<typeof transition>[2]): string[] {
  return pairs.map(
    ([before, after]) => `${before} → ${after}: ${transition(before, after, same) ?? 'nothing'}`,
  );
}

/** The transitions that differ from those of another outcome of the same row. */
function otherwise(same: Parameters<typeof transition>[2]): string[] {
  const known = table({ outcome: false, expectation: true });
  return table(same).filter((line) => !known.includes(line));
}

test('another outcome of the same row has a direction for each pair of standings', () => {
  expect(`\n${table({ outcome: false, expectation: true }).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    as expected → as expected: changed
    as expected → better than expected: better
    as expected → wrong: worse
    as expected → inconclusive: worse
    as expected → informational: changed
    better than expected → as expected: worse
    better than expected → better than expected: changed
    better than expected → wrong: worse
    better than expected → inconclusive: worse
    better than expected → informational: changed
    wrong → as expected: better
    wrong → better than expected: better
    wrong → wrong: could not tell
    wrong → inconclusive: could not tell
    wrong → informational: better
    inconclusive → as expected: better
    inconclusive → better than expected: better
    inconclusive → wrong: worse
    inconclusive → inconclusive: could not tell
    inconclusive → informational: better
    informational → as expected: changed
    informational → better than expected: changed
    informational → wrong: worse
    informational → inconclusive: worse
    informational → informational: changed
    "
  `);
});

test('the same outcome of the same row has a direction only if it is inconclusive or its standing changes', () => {
  expect(otherwise({ outcome: true, expectation: true })).toEqual([
    'as expected → as expected: nothing',
    'better than expected → better than expected: nothing',
    'wrong → wrong: nothing',
    'informational → informational: nothing',
  ]);
});

const neverBetter = [
  'as expected → better than expected: changed',
  'better than expected → as expected: changed',
  'wrong → as expected: changed',
  'wrong → better than expected: changed',
  'wrong → informational: changed',
  'inconclusive → as expected: changed',
  'inconclusive → better than expected: changed',
  'inconclusive → informational: changed',
];

test('another outcome of a row that expects something else is never better, nor a fix undone', () => {
  expect(otherwise({ outcome: false, expectation: false })).toEqual(neverBetter);
});

test('the same outcome of a row that expects something else is never better either', () => {
  const nothing = otherwise({ outcome: true, expectation: true });
  expect(otherwise({ outcome: true, expectation: false }).sort()).toEqual(
    [...neverBetter, ...nothing].sort(),
  );
});

test('a wrong or inconclusive row passes the gate only if it was wrong before with the same outcome', () => {
  const passing = [true, false].flatMap((expectation) =>
    [true, false].flatMap((outcome) =>
      pairs
        .filter(([, after]) => after === 'wrong' || after === 'inconclusive')
        .filter(([before, after]) => !holdsGate(transition(before, after, { outcome, expectation })))
        .map(([before, after]) => `${before} → ${after}, ${outcome ? 'the same' : 'another'} outcome`),
    ),
  );
  expect(new Set(passing)).toEqual(new Set(['wrong → wrong, the same outcome']));
});
