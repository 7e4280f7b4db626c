import { expect, test } from 'vitest';
import { failsGate, standings, transition } from '../../helpers/report/comparison/transition.ts';

const pairs = standings.flatMap((before) => standings.map((after) => [before, after] as const));

const both = [true, false];
/** What is the same in both runs, with the expectation kept first. */
const situations = both.flatMap((expectation) => both.map((outcome) => ({ expectation, outcome })));

test('each pair of standings has a direction, which is never better if the row expects something else', () => {
  const directions = pairs.map(([before, after]) => [
    `${before} → ${after}:`,
    ...situations.map((same) => transition(before, after, same) ?? 'nothing'),
  ]);
  const rows = [['what differs:', 'nothing', 'outcome', 'expectation', 'both'], ...directions].map(
    ([pair = '', ...row]) => `${pair.padEnd(46)}${row.map((cell) => cell.padEnd(16)).join('')}`.trimEnd(),
  );
  expect(`\n${rows.join('\n')}\n`).toMatchInlineSnapshot(`
    "
    what differs:                                 nothing         outcome         expectation     both
    as expected → as expected:                    nothing         changed         nothing         changed
    as expected → better than expected:           better          better          changed         changed
    as expected → wrong:                          worse           worse           worse           worse
    as expected → inconclusive:                   worse           worse           worse           worse
    as expected → informational:                  changed         changed         changed         changed
    better than expected → as expected:           worse           worse           changed         changed
    better than expected → better than expected:  nothing         changed         nothing         changed
    better than expected → wrong:                 worse           worse           worse           worse
    better than expected → inconclusive:          worse           worse           worse           worse
    better than expected → informational:         changed         changed         changed         changed
    wrong → as expected:                          better          better          changed         changed
    wrong → better than expected:                 better          better          changed         changed
    wrong → wrong:                                nothing         could not tell  nothing         could not tell
    wrong → inconclusive:                         could not tell  could not tell  could not tell  could not tell
    wrong → informational:                        better          better          changed         changed
    inconclusive → as expected:                   better          better          changed         changed
    inconclusive → better than expected:          better          better          changed         changed
    inconclusive → wrong:                         worse           worse           worse           worse
    inconclusive → inconclusive:                  could not tell  could not tell  could not tell  could not tell
    inconclusive → informational:                 better          better          changed         changed
    informational → as expected:                  changed         changed         changed         changed
    informational → better than expected:         changed         changed         changed         changed
    informational → wrong:                        worse           worse           worse           worse
    informational → inconclusive:                 worse           worse           worse           worse
    informational → informational:                nothing         changed         nothing         changed
    "
  `);
});

test('a wrong or inconclusive row passes the gate only if it was wrong before with the same outcome', () => {
  const passing = situations.flatMap((same) =>
    pairs
      .filter(([, after]) => after === 'wrong' || after === 'inconclusive')
      .filter(([before, after]) => !failsGate(transition(before, after, same)))
      .map(([before, after]) => `${before} → ${after}, ${same.outcome ? 'the same' : 'another'} outcome`),
  );
  expect(new Set(passing)).toEqual(new Set(['wrong → wrong, the same outcome']));
});
