import type { DeploymentRow } from '../../helpers/config/deployment.ts';
import { articleDeployments } from './article-deployments.ts';

/** Turns of the stub's idle loop with which prefork 8 does 0.85 of what it does without (one CPU, `/`, TLS). */
export const TURNS_FOR_085 = 12_000;

/** Prefork with a slow-down planted. */
export function slowedPrefork(turns: number): DeploymentRow {
  return { ...articleDeployments.prefork8, extraWork: turns };
}
