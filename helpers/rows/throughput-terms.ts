import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';

export const termsSchema = z.strictObject({
  tolerance: z.number().describe('the share of the baseline’s throughput that the candidate may lose'),
  confidence: z.number().describe('of each conclusion, and of the control'),
  mostBlocks: z
    .int()
    .describe(
      'blocks of a run; a wrong server, an unsteady warm-up, an invalid block or a slow machine ends it earlier',
    ),
  betweenContainers: z
    .number()
    .optional()
    .describe(
      'the standard deviation of the log ratio of two containers of one image, which widens the interval',
    ),
});
/** The terms of a throughput verdict, fixed before the first block. */
export type ThroughputTerms = Frozen<z.infer<typeof termsSchema>>;

/**
 * All blocks use the same three containers, so their scatter does not include the difference between containers. The
 * recorded runs show no such difference; its 95 % bound is below this value (`npm run dev:simulate`).
 */
const BETWEEN_CONTAINERS = 0.03;

/** The terms that apply unless an option changes them. */
export const defaultTerms = {
  tolerance: 0.1,
  confidence: 0.95,
  mostBlocks: 10,
  betweenContainers: BETWEEN_CONTAINERS,
} satisfies ThroughputTerms;
