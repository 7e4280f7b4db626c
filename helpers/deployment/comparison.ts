import { z } from 'zod';
import type { Frozen } from '../config/frozen.ts';
import { loadSchema } from '../config/load.ts';
import { deploymentSchema } from './deployment.ts';

export const comparisonSchema = z.strictObject({
  baseline: deploymentSchema,
  candidate: deploymentSchema,
  load: loadSchema,
});

/** Two deployments under the same load: does the candidate answer as many requests as the baseline? */
export type Comparison = Frozen<z.infer<typeof comparisonSchema>>;
