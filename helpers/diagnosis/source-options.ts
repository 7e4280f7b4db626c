import type { ApplicationHistory } from './application-history.ts';
import type { LineRef } from './connection-history.ts';

/** An option as a log shows it. `set`: the log warns that it is set, and does not say to what. */
export interface SourceOption {
  readonly value: 'on' | 'off' | 'set';
  readonly ref: LineRef;
}

const IN_THREAD = 'heartbeat_in_pthread';

/**
 * heartbeat_in_pthread by the log's last line about it: as a program prints its options at its start, or warns that this
 * one is deprecated.
 */
export function inThreadOption({ moments }: Pick<ApplicationHistory, 'moments'>): SourceOption | undefined {
  const lines = moments.filter(({ option }) => option?.name === IN_THREAD);
  // The warning is later than the value, and says less.
  const last = lines.findLast(({ option }) => option?.value !== 'set') ?? lines.at(-1);
  if (!last?.option) return undefined;
  const { value } = last.option;
  return {
    value: value === 'set' ? value : /^(?:true|1|yes|on)$/i.test(value) ? 'on' : 'off',
    ref: last.ref,
  };
}
