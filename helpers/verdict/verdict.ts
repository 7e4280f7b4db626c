import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { heartbeatVerdicts, throughputVerdicts } from '../rows/expectation.ts';
import { causeNames, type Doubt } from './causes.ts';
import { estimateSchema } from './throughput-estimate.ts';

const reason = z.string().describe('one sentence, with the observed facts');

export const verdictSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum([...heartbeatVerdicts, 'recovered']) }),
    z.strictObject({ kind: z.literal('not recovered'), reason }),
    z.strictObject({ kind: z.enum(throughputVerdicts), estimate: estimateSchema }),
    z.strictObject({
      kind: z.literal('inconclusive'),
      cause: z.enum(causeNames),
      reason,
      estimate: estimateSchema.optional(),
    }),
  ])
  .meta({ id: 'verdict' });
/**
 * The verdict of a cell. Observed facts decide it. The row can only add a doubt: by its preconditions, and by slow
 * requests if it expects none.
 */
export type Verdict = Frozen<z.infer<typeof verdictSchema>>;

/** The verdict of a cell that could not be judged. */
export function inconclusive(doubt: Doubt): Extract<Verdict, { kind: 'inconclusive' }> {
  return { kind: 'inconclusive', ...doubt };
}
