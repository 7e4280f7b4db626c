import type { DeploymentRow } from '../../helpers/deployment/deployment.ts';

/**
 * The article's pair, which differs in MPM, processes and threads at once, and the control that it
 * lacks: the same number of processes under both.
 */
export const articleDeployments = {
  prefork8: { mpm: 'prefork', processes: 8, threads: 1 },
  event1x25: { mpm: 'event', processes: 1, threads: 25 },
  prefork1: { mpm: 'prefork', processes: 1, threads: 1 },
  event8x25: { mpm: 'event', processes: 8, threads: 25 },
} as const satisfies Record<string, DeploymentRow>;
