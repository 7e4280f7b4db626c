import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { TestAnnotation } from 'vitest';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';
import { readOptions } from '../config/options.ts';
import { REPORTS } from './logs.ts';
import { resultsOf, type TestResult } from './results.ts';
import { claimLines, stepLine, tableLines, timeLines } from './terminal.ts';
import { throughputTables } from './throughput-comparison.ts';
import './task-meta.ts';

/**
 * Tells on the terminal what the cells do while they do it, and at the end the table, the claims
 * and where the time went; writes reports/results.json. It reads nothing but what tests hand over in
 * their annotations and `task.meta`, so merged shards lose nothing.
 */
export default class HeartbeatReporter implements Reporter {
  private vitest: Vitest | undefined;
  private startedAt = new Date();

  constructor(private readonly options: { folder?: string } = {}) {}

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunStart(): void {
    this.startedAt = new Date();
  }

  onTestCaseAnnotate(testCase: TestCase, { type, message }: TestAnnotation): void {
    if (type === 'reason') return;
    this.print(stepLine(Date.now() - this.startedAt.getTime(), testCase.name, type, message));
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const tests = modules.flatMap((module) => this.resultsOf(module));
    if (tests.length === 0) return;
    const lab = modules[0]?.project.getProvidedContext().lab;
    const results = resultsOf(
      {
        startedAt: this.startedAt.toISOString(),
        seconds: (Date.now() - this.startedAt.getTime()) / 1000,
        startUp: lab?.timings ?? {},
        times: readOptions(process.env).times,
      },
      tests,
    );
    const folder = this.options.folder ?? REPORTS;
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'results.json');
    await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
    for (const line of [
      ...tableLines(results),
      ...throughputTables(results),
      ...claimLines(results),
      ...timeLines(results),
    ])
      this.print(line);
    this.print(`\n${file}`);
  }

  private resultsOf(module: TestModule): TestResult[] {
    const root = this.vitest?.config.root ?? process.cwd();
    return [...module.children.allTests()].flatMap((test) => {
      const { cell } = test.meta();
      if (!cell) return [];
      return {
        file: relative(root, module.moduleId),
        name: test.fullName,
        state: test.result().state,
        milliseconds: Math.round(test.diagnostic()?.duration ?? 0),
        cell,
      };
    });
  }

  private print(line: string): void {
    this.vitest?.logger.log(line);
  }
}
