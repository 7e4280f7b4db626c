import type { DeploymentRow } from '../../helpers/deployment/deployment.ts';
import { articleDeployments } from '../table/article-deployments.ts';

/** Prefork with a slow-down planted, in milliseconds of CPU time for each request. */
export function slowedPrefork(extraCpuMs: number): DeploymentRow {
  return { ...articleDeployments.prefork8, extraCpuMs };
}

/**
 * The slow-down that leaves this share of the throughput: a request that costs 1/rate of CPU time costs
 * 1/(rate × share) with it. For a server that has one CPU and keeps it busy.
 *
 * @param rate requests per second without it.
 * @returns milliseconds of CPU time, to a microsecond.
 */
export function extraCpuMsFor(share: number, rate: number): number {
  return Math.round((1 / share - 1) * (1e6 / rate)) / 1000;
}
