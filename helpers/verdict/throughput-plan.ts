import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { studentQuantile } from './distributions.ts';
import { sequentialLooks } from './spending.ts';

export const termsSchema = z.strictObject({
  tolerance: z.number().describe('the share of the baseline’s throughput that may be lost'),
  confidence: z.number().describe('of each of the two conclusions, all looks at the blocks together'),
  mostBlocks: z.int(),
});
/** What a throughput verdict promises, decided before the first block. */
export type ThroughputTerms = Frozen<z.infer<typeof termsSchema>>;

export const defaultTerms: ThroughputTerms = { tolerance: 0.1, confidence: 0.95, mostBlocks: 12 };

/** The terms, with all that follows from them before anything is measured. */
export interface ThroughputPlan extends ThroughputTerms {
  /** By the number of blocks; undefined where no look is due. */
  readonly looks: readonly (PlannedLook | undefined)[];
}

export interface PlannedLook {
  /** Standard errors from the mean to either end of the interval. */
  readonly reach: number;
  /** Standard errors from the mean to either end of the control's 99 % interval. */
  readonly controlReach: number;
  /** Standard errors that an effect must measure to be found with `POWER`. */
  readonly seen: number;
}

/** The probability with which a run finds the smallest loss that it is said to see. */
export const POWER = 0.8;
/** The confidence of the control's interval. */
export const CONTROL_CONFIDENCE = 0.99;

/** Fewer blocks say too little of their own scatter. */
const FIRST_LOOK = 5;
/**
 * The share of the promised error that is spent. Bounds for a known scatter, carried over to
 * Student's t by their significance level (C. Jennison, B. W. Turnbull, “Group Sequential Methods
 * with Applications to Clinical Trials”, 2000, section 3.8), err more often than they say with as few
 * blocks as here, more so with the slow blocks of a real machine, and most where two containers of one
 * image differ by a percent of their own: with recorded blocks the simulation in tests/unit shows
 * what it takes.
 */
const SPENT_SHARE = 0.6;

/**
 * Plans the looks at a run's blocks.
 *
 * @throws RangeError with one line for terms that make no sense.
 */
export function throughputPlan(terms: ThroughputTerms = defaultTerms): ThroughputPlan {
  const { tolerance, confidence, mostBlocks } = terms;
  if (!(tolerance > 0 && tolerance < 1)) throw new RangeError(`tolerance ${tolerance}: between 0 and 1`);
  if (!(confidence >= 0.8 && confidence < 1))
    throw new RangeError(`confidence ${confidence}: from 0.8, below 1`);
  if (!Number.isInteger(mostBlocks) || mostBlocks < FIRST_LOOK) {
    throw new RangeError(`at most ${mostBlocks} blocks: a whole number, from ${FIRST_LOOK}`);
  }
  const looks: (PlannedLook | undefined)[] = [];
  for (const { blocks, level } of sequentialLooks((1 - confidence) * SPENT_SHARE, FIRST_LOOK, mostBlocks)) {
    const reach = studentQuantile(1 - level, blocks - 1);
    looks[blocks] = {
      reach,
      controlReach: studentQuantile((1 + CONTROL_CONFIDENCE) / 2, blocks - 1),
      seen: reach + studentQuantile(POWER, blocks - 1),
    };
  }
  return { ...terms, looks };
}
