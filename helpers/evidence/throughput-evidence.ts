import type { Comparison } from '../config/load.ts';
import type { Role } from '../traffic/block-order.ts';
import type { Evidence } from './evidence.ts';
import type { Measurement, ThroughputBlock } from './throughput-block.ts';

/** What was observed of two deployments under the same load. Plain data. */
export interface ThroughputEvidence extends Comparison {
  /** Of the order in which each block loads its servers. */
  readonly seed: number;
  readonly servers: Readonly<Record<Role, LoadedServerFacts>>;
  /** Runs of ab until the rate was steady; a server whose turn never came has none. */
  readonly warmUp: Readonly<Partial<Record<Role, readonly Measurement[]>>>;
  readonly blocks: readonly ThroughputBlock[];
  /** Lines at error level, and tracebacks, that nobody declared. */
  readonly undeclared: readonly string[];
  /** Milliseconds that each step took. */
  readonly timings: Readonly<Record<string, number>>;
}

/** What a server is, as it was found. */
export type LoadedServerFacts = Evidence['server'] & {
  /** CPUs' worth of time that the engine gives it, by the engine's word; undefined: all there are. */
  readonly cpus?: number | undefined;
};

/** Requests of a run of ab that warms a server. */
export function warmUpRequests({ load }: Comparison): number {
  return Math.ceil(load.requests / 2);
}
