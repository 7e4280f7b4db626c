import type { DeploymentRow } from '../../helpers/deployment/deployment.ts';
import { articleDeployments } from '../table/article-deployments.ts';

/** The share of its throughput that is left to a server of the calibration: less than the tolerance of 0.1 allows. */
export const SLOWED_SHARE = 0.8;

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
