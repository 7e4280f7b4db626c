import { grouped } from '../../config/grouped.ts';
import type { Results } from './results.ts';
import type { RunFacts } from './task-meta.ts';

/** What a test hands over about its run, and when it ran. */
export interface TimedTest {
  readonly run?: RunFacts | undefined;
  /** Milliseconds since the epoch; undefined: it did not run. */
  readonly startedAt?: number | undefined;
  readonly milliseconds: number;
}

/** How a run ended. */
export interface RunEnd {
  /** The part of the tests that it executed; undefined: all of them. */
  readonly shard?: { readonly index: number; readonly count: number } | undefined;
  /** Why it ended early, in a sentence. */
  readonly endedEarly?: string | undefined;
}

type Run = Pick<
  Results,
  'startedAt' | 'seconds' | 'startUp' | 'times' | 'shards' | 'machine' | 'shard' | 'endedEarly'
>;

/**
 * The run that its own reporter has seen from start to end.
 *
 * @param clock milliseconds since the epoch at its start and its end.
 */
export function runSeen(
  tests: readonly TimedTest[],
  clock: { startedAt: number; endedAt: number },
  times: Results['times'],
  end: RunEnd = {},
): Run {
  return {
    startedAt: new Date(clock.startedAt).toISOString(),
    seconds: (clock.endedAt - clock.startedAt) / 1000,
    startUp: tests.find(({ run }) => run)?.run?.startUp ?? {},
    ...factsOf(tests, times, end),
  };
}

/**
 * The run that Vitest's shards are merged into, from what their tests hand over.
 *
 * Shards run side by side, so the longest of each time counts.
 *
 * @param mergedAt milliseconds since the epoch; the start if no test ran.
 */
export function runMerged(
  tests: readonly TimedTest[],
  mergedAt: number,
  times: Results['times'],
  end: RunEnd = {},
): Run {
  const ran = tests.flatMap(({ startedAt, ...rest }) =>
    startedAt === undefined ? [] : [{ ...rest, startedAt }],
  );
  const shards = grouped(ran, ({ run }) => run?.runId);
  const spans = [...shards.values()].map((members) => {
    const from = Math.min(...members.map(({ startedAt }) => startedAt));
    const to = Math.max(...members.map(({ startedAt, milliseconds }) => startedAt + milliseconds));
    return { from, seconds: (to - from) / 1000 };
  });
  return {
    startedAt: new Date(Math.min(...spans.map(({ from }) => from), mergedAt)).toISOString(),
    seconds: Math.max(0, ...spans.map(({ seconds }) => seconds)),
    startUp: longestOfEach(ran.map(({ run }) => run?.startUp ?? {})),
    ...(shards.size > 1 && { shards: shards.size }),
    ...factsOf(ran, times, end),
  };
}

/** What all tests of a run have in common. The machine is that of the first shard; each may have had its own. */
function factsOf(
  tests: readonly TimedTest[],
  times: Results['times'],
  { shard, endedEarly }: RunEnd,
): Pick<Run, 'times' | 'machine' | 'shard' | 'endedEarly'> {
  const runs = tests.flatMap(({ run }) => run ?? []);
  const [machine] = runs.flatMap((run) => run.machine ?? []);
  return {
    times: runs[0]?.times ?? times,
    ...(machine && { machine }),
    ...(shard && { shard }),
    ...(endedEarly !== undefined && { endedEarly }),
  };
}

/**
 * Why merged runs are not one whole run, in one line; undefined: they are whole.
 *
 * A shard ended early, or is missing.
 */
export function whyNotWhole(ends: readonly RunEnd[]): string | undefined {
  const shards = ends.flatMap(({ shard }) => shard ?? []);
  const counts = [...new Set(shards.map(({ count }) => count))].sort((a, b) => a - b);
  const [count = 0] = counts;
  const there = new Set(shards.map(({ index }) => index));
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !there.has(index));
  const reasons = [
    ...ends.flatMap(({ shard, endedEarly }) =>
      endedEarly === undefined
        ? []
        : `${shard ? `Shard ${shard.index} of ${shard.count}: ` : ''}${endedEarly}`,
    ),
    ...(counts.length > 1
      ? [`The merged runs are shards of ${counts.join(' and of ')}, so they are not one run.`]
      : []),
    ...(counts.length === 1 && missing.length > 0
      ? [`Of the ${count} shards, ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`]
      : []),
  ];
  return reasons.length === 0 ? undefined : [...new Set(reasons)].join(' ');
}

/** The longest of each step, milliseconds. */
export function longestOfEach(startUps: readonly Results['startUp'][]): Results['startUp'] {
  const longest: Record<string, number> = {};
  for (const [step, ms] of startUps.flatMap((startUp) => Object.entries(startUp))) {
    longest[step] = Math.max(longest[step] ?? 0, ms);
  }
  return longest;
}
