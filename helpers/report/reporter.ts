import { appendFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import type { TestArtifact } from 'vitest';
import type { Reporter, SerializedError, TestCase, TestModule, TestRunEndReason, Vitest } from 'vitest/node';
import { applicationOfRun } from '../applications/own-application.ts';
import { type Options, readOptions } from '../config/options.ts';
import { fromUser } from '../config/part-files.ts';
import { listenToSetUp } from '../engine/set-up-progress.ts';
import { formProblem } from '../record/results-schema.ts';
import { idOrName } from '../rows/row-id.ts';
import { writePage } from './page/page.ts';
import { endOf } from './results/end-of-run.ts';
import { failuresOf, messagesOf } from './results/failures.ts';
import { inOrder } from './results/file-order.ts';
import { REPORTS } from './results/logs.ts';
import { type Results, resultsOf, type TestResult } from './results/results.ts';
import { runMerged, runSeen, type TimedTest } from './results/run.ts';
import { LiveRegion } from './terminal/live-region.ts';
import { noneExecuted } from './terminal/none-executed.ts';
import { type HowFar, quietLine, Running, regionLines } from './terminal/running.ts';
import { jobSummary, jobUrl } from './text/job-summary.ts';
import './results/steps.ts';
import './results/task-meta.ts';
import { stateOf } from './results/test-state.ts';
import { writeWhole } from './results/write-whole.ts';
import {
  claimLines,
  doubtLines,
  partsLines,
  repeatLines,
  stepLine,
  tableLines,
  timeLines,
} from './terminal/terminal.ts';
import { throughputTables } from './text/throughput-table.ts';

export interface HeartbeatReporterOptions {
  /** The folder of results.json and the page. */
  readonly folder?: string;
  /** The file that GitHub shows as the job's summary; it is appended to. */
  readonly jobSummary?: string | undefined;
  /** Test files in the order in which their rows are shown, by name without `.test.ts`. */
  readonly order?: readonly string[];
}

/** How often the region of a terminal is drawn, milliseconds. */
const DRAW_EACH_MS = 500;
/** Without a terminal: the longest time without a line, milliseconds. */
const QUIET_MS = { compressed: 3000, production: 30_000 };
/** The column of ids and names is as wide as the longest, but within these. */
const NAME_WIDTH = { least: 12, most: 48 };

/**
 * Prints the progress and the results of a run, and writes results.json and the page.
 *
 * It reads only what tests hand over in their artifacts and `task.meta`, so merged shards lose nothing.
 */
export default class HeartbeatReporter implements Reporter {
  private vitest: Vitest | undefined;
  private startedAt = Date.now();
  private lastPrinted = Date.now();
  private readonly running = new Running();
  private region: LiveRegion | undefined;
  private nameWidth = NAME_WIDTH.least;
  private testsDone = 0;
  private tests = 0;
  private readonly times: Options['times'];

  constructor(private readonly options: HeartbeatReporterOptions = {}) {
    const ofRun = readOptions(process.env);
    this.times = ofRun.times;
    // For the names of deployments.
    applicationOfRun(ofRun);
  }

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
    if (vitest.config.mergeReports) return;
    const { stdout, stderr, env } = process;
    const isTerminal = stdout.isTTY && !env.CI && env.TERM !== 'dumb';
    this.region = isTerminal ? new LiveRegion(stdout, ...(stderr.isTTY ? [stderr] : [])) : undefined;
    const timer = setInterval(() => this.showWhatGoesOn(), DRAW_EACH_MS);
    timer.unref();
    const deafen = listenToSetUp(({ step, at, ...parts }) => {
      const id = `set-up ${step}`;
      if (at === undefined) this.running.end(id);
      else if (at === '') this.running.start(id, step, Date.now());
      else this.running.prints(id, { step: at, unit: 'steps', ...parts });
    });
    const stop = () => {
      clearInterval(timer);
      deafen();
      this.region?.stop();
    };
    vitest.onClose(stop);
    vitest.logger.onTerminalCleanup(stop);
  }

  onTestRunStart(): void {
    this.startedAt = Date.now();
    this.running.clear();
    this.testsDone = 0;
    this.tests = 0;
  }

  onTestModuleQueued(module: TestModule): void {
    this.running.start(module.id, `loads ${module.relativeModuleId}`, Date.now());
  }

  onTestModuleCollected(module: TestModule): void {
    this.running.end(module.id);
    const tests = [...module.children.allTests()].filter(({ options }) => options.mode === 'run');
    this.tests += tests.length;
    this.nameWidth = Math.min(
      NAME_WIDTH.most,
      Math.max(this.nameWidth, ...tests.map(({ name }) => idOrName(name).length)),
    );
  }

  onTestCaseReady(test: TestCase): void {
    this.running.start(test.id, idOrName(test.name), Date.now());
  }

  onTestCaseArtifactRecord(test: TestCase, artifact: TestArtifact): void {
    if (artifact.type === 'mpm-heartbeat:step') this.printStep(test, artifact.step, artifact.text);
    if (artifact.type === 'mpm-heartbeat:progress') this.running.at(test.id, artifact.progress, Date.now());
  }

  onTestCaseResult(test: TestCase): void {
    if (test.options.mode === 'run') this.testsDone++;
    this.running.end(test.id);
  }

  async onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[] = [],
    reason?: TestRunEndReason,
  ): Promise<void> {
    this.running.clear();
    this.region?.draw([]);
    if (reason !== 'interrupted') this.sayIfNoneExecuted(modules);
    // Modules come in the order in which they ended. Modules of merged shards come in any order.
    const byFile = inOrder(this.options.order ?? []);
    const ordered = [...modules].sort((a, b) => byFile(a.moduleId, b.moduleId));
    const tests = ordered.flatMap((module) => this.resultsOf(module));
    const failures = failuresOf(ordered, errors, this.root);
    const end = this.vitest ? endOf(modules, this.vitest) : {};
    if (end.endedEarly !== undefined) process.exitCode = 1;
    const wentWrong = failures.length > 0 || end.endedEarly !== undefined;
    if (tests.length === 0 && !(wentWrong && modules.some(executesRows))) return;
    const timed = ordered.flatMap(timedTests);
    const run = this.vitest?.config.mergeReports
      ? runMerged(timed, Date.now(), this.times, end)
      : runSeen(timed, { startedAt: this.startedAt, endedAt: Date.now() }, this.times, end);
    const results = { ...resultsOf(run, tests), failures };
    const file = await this.unlessItFails(() => this.write(results));
    await this.unlessItFails(() => this.summarize(results, ordered));
    const page = await this.unlessItFails(() => writePage(this.options.folder ?? REPORTS, results));
    const columns = process.stdout.isTTY ? terminalSize().columns : undefined;
    for (const line of [
      ...tableLines(results, columns),
      ...repeatLines(results),
      ...throughputTables(results, columns),
      ...partsLines(results),
      ...doubtLines(results, columns),
      ...claimLines(results, columns),
      ...timeLines(results, columns),
      '',
      `Reports: ${[page ?? [], file ?? []].flat().map(fromUser).join(', ')}`,
    ])
      this.print(line);
    // The last line of output is the reason.
    if (end.endedEarly !== undefined) this.print(styleText('red', end.endedEarly));
  }

  /**
   * A run that executed nothing must not look like success. Either no test has the name that `-t` asks for, or the
   * application supports none of the rows.
   */
  private sayIfNoneExecuted(modules: readonly TestModule[]): void {
    const pattern = this.vitest?.getGlobalTestNamePattern();
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const rows = tests.filter(executesRows);
    const asked = tests.filter(({ options }) => options.mode === 'run');
    const refused = asked.filter((test) => stateOf(test) === 'skipped');
    if (rows.length === 0 || asked.length > refused.length) return;
    const names = rows.map(({ name }) => name);
    const line =
      asked.length > 0
        ? `No row was executed: the application supports none of these ${asked.length} rows`
        : pattern && noneExecuted(pattern, names);
    if (!line) return;
    process.exitCode = 1;
    this.print(styleText('red', line));
  }

  private async write(results: Results): Promise<string> {
    const file = join(this.options.folder ?? REPORTS, 'results.json');
    const text = `${JSON.stringify(results, null, 2)}\n`;
    await writeWhole(file, text);
    const problem = formProblem(JSON.parse(text));
    if (problem !== undefined) {
      process.exitCode = 1;
      this.print(styleText('red', `${file} does not have the form that this release reads: ${problem}`));
    }
    return file;
  }

  /** A report that cannot be written makes the run fail; the other reports are still written. */
  private async unlessItFails<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      process.exitCode = 1;
      this.print(styleText('red', (error as Error).message));
      return undefined;
    }
  }

  private async summarize(results: Results, modules: readonly TestModule[]): Promise<void> {
    if (!this.options.jobSummary) return;
    const all = modules.flatMap((module) => [...module.children.allTests()]);
    const outcomes = all.map((test) => ({
      name: test.fullName,
      state: stateOf(test),
      errors: messagesOf(test.result().errors),
    }));
    await appendFile(this.options.jobSummary, jobSummary(results, outcomes, jobUrl(process.env)));
  }

  private get root(): string {
    return this.vitest?.config.root ?? process.cwd();
  }

  private resultsOf(module: TestModule): TestResult[] {
    return [...module.children.allTests()].flatMap((test) => {
      const { cell } = test.meta();
      if (!cell) return [];
      // It has a record, so it is not skipped.
      const state = stateOf(test) as TestResult['state'];
      return {
        file: relative(this.root, module.moduleId),
        name: test.fullName,
        state,
        milliseconds: Math.round(test.diagnostic()?.duration ?? 0),
        ...(state === 'failed' && { errors: messagesOf(test.result().errors) }),
        cell,
      };
    });
  }

  private howFar(): HowFar {
    return { elapsedMs: Date.now() - this.startedAt, testsDone: this.testsDone, tests: this.tests };
  }

  private showWhatGoesOn(): void {
    const now = Date.now();
    const going = this.running.now(now);
    if (this.region) {
      this.region.draw(regionLines(going, this.howFar(), now, terminalSize()));
      return;
    }
    if (now - this.lastPrinted < QUIET_MS[this.times]) return;
    const line = quietLine(going, this.howFar(), now);
    if (line !== undefined) this.print(styleText('dim', line));
  }

  private printStep(test: TestCase, step: string, text: string): void {
    const elapsedMs = Date.now() - this.startedAt;
    const columns = this.region && terminalSize().columns;
    this.print(stepLine({ elapsedMs, test: idOrName(test.name), step, text }, this.nameWidth, columns));
  }

  private print(line: string): void {
    this.lastPrinted = Date.now();
    this.vitest?.logger.log(line);
  }
}

/** Whether it is of the project whose tests execute rows. */
function executesRows({ project }: TestModule | TestCase): boolean {
  return project.name === 'acceptance';
}

/** In characters; a terminal that does not know its size says 0. */
function terminalSize(): { columns: number; rows: number } {
  return { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
}

function timedTests(module: TestModule): TimedTest[] {
  return [...module.children.allTests()].flatMap((test) => {
    const { cell, run } = test.meta();
    const { startTime, duration = 0 } = test.diagnostic() ?? {};
    return cell ? [{ run, startedAt: startTime, milliseconds: duration }] : [];
  });
}
