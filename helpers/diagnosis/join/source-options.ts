import type { LineRef } from '../history/connection-history.ts';
import type { TimedApplication } from './access-logs.ts';

/** An option as a log shows it. `set`: a warning says that it is set, but not to what. */
export interface SourceOption {
  readonly value: 'on' | 'off' | 'set';
  /** By the broker's clock. Undefined if it is not known how the clocks relate. */
  readonly at: number | undefined;
  readonly ref: LineRef;
}

const IN_THREAD = 'heartbeat_in_pthread';
/** oslo.config's words (oslo_config/types.py). */
const VALUES: Readonly<Record<SourceOption['value'], RegExp>> = {
  on: /^(?:true|1|yes|on)$/i,
  off: /^(?:false|0|no|off)$/i,
  set: /^set$/,
};

/** What a log says about heartbeat_in_pthread. Programs print their options when they start, or warn that it is deprecated. */
export function inThreadOptions({ history, offset }: TimedApplication): SourceOption[] {
  return history.moments.flatMap(({ option, at, ref }) => {
    if (option?.name !== IN_THREAD) return [];
    const value = Object.entries(VALUES).find(([, pattern]) => pattern.test(option.value))?.[0];
    if (value === undefined) return [];
    return [{ value: value as SourceOption['value'], at: offset && at + offset.addMs, ref }];
  });
}

/** The option as it was at a time, by what the log says until then. */
export function optionAt(
  options: readonly SourceOption[],
  time = Number.POSITIVE_INFINITY,
): SourceOption | undefined {
  const until = options.filter(({ at = Number.NEGATIVE_INFINITY }) => at <= time);
  // The warning is later than the value, and says less.
  return until.findLast(({ value }) => value !== 'set') ?? until.at(-1);
}
