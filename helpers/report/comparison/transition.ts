/**
 * Which way something has changed.
 * - `could not tell`: it failed before and fails differently now, or it was wrong or inconclusive before and cannot be
 *   judged now.
 * - `no clear change`: it differs, and that may be luck.
 */
export const directions = ['worse', 'could not tell', 'better', 'changed', 'no clear change'] as const;
export type Direction = (typeof directions)[number];

/** One difference between two runs. */
export interface Change {
  /** The id of a row, the name of a part, or another name of what has changed. */
  readonly subject: string;
  readonly before: string;
  readonly after: string;
  readonly direction: Direction;
}

/**
 * How a row or a test compares with what it asserts.
 * - `better than expected`: lost connections or another harm are asserted, and no harm came.
 * - `inconclusive`: something is asserted, and nothing could be concluded.
 * - `informational`: nothing is asserted about the outcome.
 */
export const standings = [
  'as expected',
  'better than expected',
  'wrong',
  'inconclusive',
  'informational',
] as const;
export type Standing = (typeof standings)[number];

/** What two runs have in common besides the standing. */
export interface Same {
  /** The verdict; of a failed test, the reasons. */
  readonly outcome: boolean;
  /** What is expected. */
  readonly expectation: boolean;
}

/** From the earlier standing to the later one, for another outcome. */
const transitions: Readonly<Record<Standing, Readonly<Record<Standing, Direction>>>> = {
  'as expected': {
    'as expected': 'changed',
    'better than expected': 'better',
    wrong: 'worse',
    inconclusive: 'worse',
    informational: 'changed',
  },
  'better than expected': {
    // What was fixed is broken again.
    'as expected': 'worse',
    'better than expected': 'changed',
    wrong: 'worse',
    inconclusive: 'worse',
    informational: 'changed',
  },
  wrong: {
    'as expected': 'better',
    'better than expected': 'better',
    // No order says which of two wrong outcomes is worse.
    wrong: 'could not tell',
    inconclusive: 'could not tell',
    informational: 'better',
  },
  inconclusive: {
    'as expected': 'better',
    'better than expected': 'better',
    // The earlier run did not show this failure, and the later run does.
    wrong: 'worse',
    inconclusive: 'could not tell',
    informational: 'better',
  },
  informational: {
    'as expected': 'changed',
    'better than expected': 'changed',
    wrong: 'worse',
    inconclusive: 'worse',
    informational: 'changed',
  },
};

/** What a change from one standing to another means; undefined: nothing has changed. */
export function transition(before: Standing, after: Standing, same: Same): Direction | undefined {
  const direction = transitions[before][after];
  // A row that is inconclusive twice was judged by neither run.
  if (before === after && same.outcome && after !== 'inconclusive') return undefined;
  // If the expectation changed, these differences do not show that the row itself got better or worse.
  const byExpectation =
    direction === 'better' || (before === 'better than expected' && after === 'as expected');
  return byExpectation && !same.expectation ? 'changed' : direction;
}

/** Whether the later run fails the gate because of it. */
export function failsGate(direction: Direction | undefined): boolean {
  return direction === 'worse' || direction === 'could not tell';
}
