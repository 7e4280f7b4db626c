import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';

export const termsSchema = z.strictObject({
  tolerance: z.number().describe('the share of the baseline’s throughput that may be lost'),
  confidence: z.number().describe('of each conclusion, and of the control'),
  mostBlocks: z.int().describe('blocks of a run; only an invalid block or a slow machine ends it earlier'),
  betweenContainers: z
    .number()
    .optional()
    .describe(
      'standard deviation of the log ratio of two containers of one image that the interval allows for',
    ),
});
/** What a throughput verdict promises, decided before the first block. */
export type ThroughputTerms = Frozen<z.infer<typeof termsSchema>>;

/**
 * Blocks are measured in the same three containers, so their scatter does not show how containers differ: that is
 * allowed for. In the recorded runs no difference could be seen, and their 95 % bound is below this
 * (`npm run dev:simulate`).
 */
const BETWEEN_CONTAINERS = 0.03;

export const defaultTerms = {
  tolerance: 0.1,
  confidence: 0.95,
  mostBlocks: 10,
  betweenContainers: BETWEEN_CONTAINERS,
} satisfies ThroughputTerms;
