import type { DeploymentInput } from '../../helpers/deployment/deployment.ts';
import { prefork8 } from '../table/deployments.ts';

/** The share of its throughput that the slowed server keeps. The loss is above the tolerance of 0.1. */
export const SLOWED_SHARE = 0.8;

/** Prefork with a planted slow-down, in milliseconds of CPU time for each request. */
export function slowedPrefork(extraCpuMs: number): DeploymentInput {
  return { ...prefork8, extraCpuMs };
}

/**
 * The slow-down that leaves this share of the throughput. Without it, a request costs 1/rate of CPU time; with it, the
 * request costs 1/(rate × share). This is valid for a server that keeps its one CPU busy.
 *
 * @param rate requests per second without it.
 * @returns milliseconds of CPU time, to a microsecond.
 */
export function extraCpuMsFor(share: number, rate: number): number {
  return Math.round((1 / share - 1) * (1e6 / rate)) / 1000;
}
