import type { Results } from './results.ts';
import type { RunFacts } from './task-meta.ts';

/** What a test tells of its run, and when it ran. */
export interface TimedTest {
  readonly run?: RunFacts | undefined;
  /** Milliseconds since the epoch; undefined: it did not run. */
  readonly startedAt?: number | undefined;
  readonly milliseconds: number;
}

type Run = Pick<Results, 'startedAt' | 'seconds' | 'startUp' | 'times' | 'shards' | 'machine' | 'endedEarly'>;

/**
 * The run that its own reporter has seen from start to end. Pure.
 *
 * @param clock milliseconds since the epoch at its start and its end.
 * @param endedEarly why, where it ended before all was played.
 */
export function runSeen(
  tests: readonly TimedTest[],
  clock: { startedAt: number; endedAt: number },
  times: Results['times'],
  endedEarly?: string,
): Run {
  return {
    startedAt: new Date(clock.startedAt).toISOString(),
    seconds: (clock.endedAt - clock.startedAt) / 1000,
    startUp: tests.find(({ run }) => run)?.run?.startUp ?? {},
    times: tests.find(({ run }) => run)?.run?.times ?? times,
    ...machineOf(tests),
    ...(endedEarly !== undefined && { endedEarly }),
  };
}

/**
 * The run that several others (Vitest's shards) are merged into, told from what their tests carry. Shards
 * run beside each other, so of each time it is the longest that counts. Pure.
 *
 * @param mergedAt milliseconds since the epoch; stands for the start where no test ran.
 */
export function runMerged(tests: readonly TimedTest[], mergedAt: number, times: Results['times']): Run {
  const ran = tests.flatMap(({ startedAt, ...rest }) =>
    startedAt === undefined ? [] : [{ ...rest, startedAt }],
  );
  const shards = new Map<string | undefined, typeof ran>();
  for (const test of ran) shards.set(test.run?.runId, [...(shards.get(test.run?.runId) ?? []), test]);
  const spans = [...shards.values()].map((members) => {
    const from = Math.min(...members.map(({ startedAt }) => startedAt));
    const to = Math.max(...members.map(({ startedAt, milliseconds }) => startedAt + milliseconds));
    return { from, seconds: (to - from) / 1000 };
  });
  return {
    startedAt: new Date(Math.min(...spans.map(({ from }) => from), mergedAt)).toISOString(),
    seconds: Math.max(0, ...spans.map(({ seconds }) => seconds)),
    startUp: longestOfEach(ran.map(({ run }) => run?.startUp ?? {})),
    times: ran.find(({ run }) => run)?.run?.times ?? times,
    ...machineOf(ran),
    ...(shards.size > 1 && { shards: shards.size }),
  };
}

/** The longest of each step, milliseconds. Pure. */
export function longestOfEach(startUps: readonly Results['startUp'][]): Results['startUp'] {
  const longest: Record<string, number> = {};
  for (const [step, ms] of startUps.flatMap((it) => Object.entries(it))) {
    longest[step] = Math.max(longest[step] ?? 0, ms);
  }
  return longest;
}

/** Of shards, which may have had one each: that of the first. */
function machineOf(tests: readonly TimedTest[]): Pick<Run, 'machine'> {
  const machine = tests.find(({ run }) => run?.machine)?.run?.machine;
  return machine ? { machine } : {};
}
