import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { SerializedError, TestModule } from 'vitest/node';
import type { Failure } from './results.ts';
import { stateOf } from './test-state.ts';

/**
 * What went wrong in a run besides the tests that have a record.
 *
 * These are failed tests, tests that were asked for and not decided, files that did not load, hooks, and errors that no
 * test caught.
 *
 * @param root the folder that files are named from.
 */
export function failuresOf(
  modules: readonly TestModule[],
  unhandled: readonly SerializedError[],
  root: string,
): Failure[] {
  return [
    ...modules.flatMap((module) => {
      const file = relative(root, module.moduleId);
      return [...brokenIn(module, file), ...testsOf(module, file)];
    }),
    ...unhandled.map((error): Failure => ({ name: 'the run', state: 'error', errors: messagesOf([error]) })),
  ];
}

function brokenIn(module: TestModule, file: string): Failure[] {
  return [module, ...module.children.allSuites()].flatMap((around): Failure[] => {
    const errors = around.errors();
    const name = around.type === 'suite' ? around.fullName : file;
    return errors.length === 0 ? [] : [{ file, name, state: 'error', errors: messagesOf(errors) }];
  });
}

function testsOf(module: TestModule, file: string): Failure[] {
  return [...module.children.allTests()].flatMap((test): Failure[] => {
    const state = stateOf(test);
    if (test.meta().cell || (state !== 'failed' && state !== 'pending')) return [];
    return [{ file, name: test.fullName, state, errors: messagesOf(test.result().errors) }];
  });
}

/** What errors say, without colours. */
export function messagesOf(errors: readonly { readonly message: string }[] = []): string[] {
  return errors.map(({ message }) => stripVTControlCharacters(message));
}
