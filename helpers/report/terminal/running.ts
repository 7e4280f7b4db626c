import { grouped } from '../../config/grouped.ts';
import type { Progress } from '../../execution/progress.ts';
import { aligned } from '../text/aligned.ts';
import { cut } from '../text/wrapped.ts';
import { elapsed } from './terminal.ts';

/** A running test or step. Times are milliseconds of one clock. */
export interface Going {
  readonly name: string;
  readonly startedAt: number;
  readonly progress?: Progress | undefined;
  /** When its step began. */
  readonly stepAt: number;
  /** When it last reported. */
  readonly reportedAt: number;
}

/** The running tests and steps of the set-up, as they report. */
export class Running {
  private readonly all = new Map<string, Going>();

  start(id: string, name: string, now: number): void {
    this.all.set(id, { name, startedAt: now, stepAt: now, reportedAt: now });
  }

  /** Reports of something that is not running are ignored. */
  at(id: string, progress: Progress, now: number): void {
    const before = this.all.get(id);
    if (!before) return;
    const stepAt = before.progress?.step === progress.step ? before.stepAt : now;
    this.all.set(id, { ...before, progress, stepAt, reportedAt: now });
  }

  /** Notes the output of a running step's program. */
  prints(id: string, progress: Progress): void {
    const before = this.all.get(id);
    if (before) this.all.set(id, { ...before, progress });
  }

  end(id: string): void {
    this.all.delete(id);
  }

  clear(): void {
    this.all.clear();
  }

  /** In the order in which they were started; without those that began a moment ago. */
  now(now: number): Going[] {
    return [...this.all.values()].filter(({ startedAt }) => now - startedAt >= MOMENT_MS);
  }
}

/** A step that ends sooner is not shown. */
const MOMENT_MS = 500;
const BAR_WIDTH = 16;
/** The columns of names and of steps, at most. */
const NAME_WIDTH = 44;
const STEP_WIDTH = 40;

/** How far a run is. */
export interface HowFar {
  /** Milliseconds since its start. */
  readonly elapsedMs: number;
  readonly testsDone: number;
  /** The known ones: the tests of a file are known when it has been loaded. */
  readonly tests: number;
}

/**
 * The lines at the end of a terminal: how far the run is, and each running step with the time left.
 *
 * @param size of the terminal, in characters.
 */
export function regionLines(
  going: readonly Going[],
  { elapsedMs, testsDone, tests }: HowFar,
  now: number,
  size: { columns: number; rows: number },
): string[] {
  if (going.length === 0) return [];
  const most = Math.max(1, size.rows - 4);
  const shown = going.length > most ? going.slice(0, most - 1) : going;
  const rows = shown.map((task) => [
    cut(task.name, NAME_WIDTH),
    cut(stepWords(task), STEP_WIDTH),
    countWords([task]),
    timeWords(task, now),
    bar(task.progress),
  ]);
  const more = going.length - shown.length;
  return [
    '',
    `${elapsed(elapsedMs)}  ${tests === 0 ? 'set-up' : `${testsDone} of ${tests} tests done`}`,
    ...aligned(rows).map((line) => `  ${line}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ].map((line) => cut(line, size.columns - 1));
}

/** A line about everything that is running, for a log that has been silent for a while. */
export function quietLine(going: readonly Going[], { elapsedMs }: HowFar, now: number): string | undefined {
  if (going.length === 0) return undefined;
  const words = [...grouped(going, stepWords)].map(([step, members]) => groupWords(step, members, now));
  return cut(`${elapsed(elapsedMs)}  …  ${words.join('; ')}`, QUIET_WIDTH);
}

const QUIET_WIDTH = 160;
/** This many are named; more are counted. */
const NAMED = 2;

function groupWords(step: string, members: readonly Going[], now: number): string {
  const names =
    members.length <= NAMED ? members.map(({ name }) => name).join(', ') : `${members.length} tests`;
  const longest = members.reduce((a, b) => (remaining(b, now) > remaining(a, now) ? b : a));
  const what = step === '' ? names : `${step} (${names})`;
  return `${what}: ${[countWords(members), timeWords(longest, now)].filter(Boolean).join(', ')}`;
}

/** The time that is left, or that its step has taken if it does not say how much is left. */
function remaining({ progress, reportedAt, stepAt }: Going, now: number): number {
  return progress?.leftMs === undefined ? now - stepAt : progress.leftMs - (now - reportedAt);
}

function stepWords({ progress }: Going): string {
  return progress?.step ?? '';
}

/** How much is done of a step that all of them execute: `10 to 12 of 40 requests`. */
function countWords(members: readonly Going[]): string {
  const counts = members.flatMap(({ progress }) => progress?.done ?? []);
  const { of, unit = '' } = members[0]?.progress ?? {};
  if (counts.length === 0 || of === undefined) return '';
  const range = new Set([Math.min(...counts), Math.max(...counts)]);
  return `${[...range].join(' to ')} of ${of} ${unit}`.trimEnd();
}

function timeWords(task: Going, now: number): string {
  const seconds = remaining(task, now) / 1000;
  if (task.progress?.leftMs === undefined) return `${Math.floor(seconds)} s`;
  return seconds > 0 ? `${Math.ceil(seconds)} s left` : 'any moment';
}

function bar(progress: Progress | undefined): string {
  const { done, of } = progress ?? {};
  if (done === undefined || of === undefined || of === 0) return '';
  const full = Math.round((Math.min(done, of) / of) * BAR_WIDTH);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}
