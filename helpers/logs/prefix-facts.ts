import type { LogTime } from './log-time.ts';

/** What the prefixes of a line say. If several prefixes say the same thing, the innermost counts. */
export interface PrefixFacts {
  readonly time?: LogTime | undefined;
  /** The time in the outermost prefix that has a zone: the collector's clock. */
  readonly collectedAt?: LogTime | undefined;
  readonly host?: string | undefined;
  readonly program?: string | undefined;
  readonly pid?: number | undefined;
  readonly container?: string | undefined;
  /** An Erlang process, e.g. `<0.1.0>`. */
  readonly erlangProcess?: string | undefined;
  readonly level?: string | undefined;
  readonly logger?: string | undefined;
  /** oslo.log's context: `req-… req-… user project`. */
  readonly context?: string | undefined;
  /** The line goes on in the next one, because its collector takes no longer lines. */
  readonly isPartial?: boolean | undefined;
}

/** A line without its collectors' prefixes. A JSON record may contain several lines. */
export interface Unwrapped {
  readonly line: string;
  readonly prefix: PrefixFacts;
  /** How many prefixes were taken off. */
  readonly depth: number;
}
