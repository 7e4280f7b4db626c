import { relative } from 'node:path';
import type { UserConsoleLog } from 'vitest';
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';
import { endOf } from './end-of-run.ts';
import { type JunitCase, type JunitProblem, type JunitSuite, junitXml } from './junit.ts';
import './task-meta.ts';
import { stateOf } from './test-state.ts';
import { WriteError, writeWhole } from './write-whole.ts';

type SerializedError = ReturnType<TestModule['errors']>[number];

/** Writes how every test ended as JUnit's XML, with the verdicts of rows. */
export default class JunitReporter implements Reporter {
  private root = process.cwd();
  private vitest: Vitest | undefined;
  private readonly printed = new Map<string, string>();

  constructor(private readonly options: { outputFile: string }) {}

  onInit(vitest: Vitest): void {
    this.root = vitest.config.root;
    this.vitest = vitest;
  }

  onUserConsoleLog({ taskId, content }: UserConsoleLog): void {
    if (taskId !== undefined) this.printed.set(taskId, (this.printed.get(taskId) ?? '') + content);
  }

  async onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Promise<void> {
    const xml = junitXml([
      ...modules.map((module) => ({
        file: relative(this.root, module.moduleId),
        milliseconds: module.diagnostic().duration,
        cases: [
          ...this.broken(module),
          ...[...module.children.allSuites()].flatMap((suite) => this.broken(suite)),
          ...[...module.children.allTests()].map((test) => this.caseOf(test)),
        ],
      })),
      ...this.ofTheRun(modules, unhandled),
    ]);
    try {
      await writeWhole(this.options.outputFile, xml);
    } catch (error) {
      if (!(error instanceof WriteError)) throw error;
      process.exitCode = 1;
      console.error(error.message);
    }
  }

  private caseOf(test: TestCase): JunitCase {
    const state = stateOf(test);
    const result = test.result();
    const { errors = [] } = result;
    return {
      name: test.fullName,
      milliseconds: test.diagnostic()?.duration ?? 0,
      state: state === 'pending' ? 'skipped' : state,
      note: result.state === 'skipped' ? result.note : undefined,
      problems: errors.map((error) => this.problem(error)),
      output: this.printed.get(test.id) ?? '',
      cell: test.meta().cell,
    };
  }

  /** What made the run fail and belongs to no test. */
  private ofTheRun(modules: readonly TestModule[], unhandled: readonly SerializedError[]): JunitSuite[] {
    const { endedEarly } = this.vitest ? endOf(modules, this.vitest) : {};
    const early = endedEarly === undefined ? [] : [{ type: 'EndedEarly', message: endedEarly, stack: [] }];
    const problems = [...early, ...unhandled.map((error) => this.problem(error))];
    if (problems.length === 0) return [];
    const name = 'the run';
    return [{ file: name, milliseconds: 0, cases: [{ name, milliseconds: 0, state: 'error', problems }] }];
  }

  /** A file that could not be loaded, or a hook that failed. */
  private broken(around: TestModule | TestSuite): JunitCase[] {
    const errors = around.errors();
    if (errors.length === 0) return [];
    const name = around.type === 'suite' ? around.fullName : relative(this.root, around.moduleId);
    const problems = errors.map((error) => this.problem(error));
    return [{ name, milliseconds: 0, state: 'error', problems }];
  }

  private problem({ name = 'Error', message, stacks = [] }: SerializedError): JunitProblem {
    return {
      type: name,
      message,
      stack: stacks.map(
        ({ method, file, line, column }) =>
          `    at ${method || '<anonymous>'} (${relative(this.root, file)}:${line}:${column})`,
      ),
    };
  }
}
