import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { require as load } from 'tsx/cjs/api';
import type { z } from 'zod';
import { behaviourSchema } from '../config/behaviour.ts';
import { OneLineError } from '../config/one-line.ts';
import type { Options } from '../config/options.ts';
import { userFolder } from '../config/part-files.ts';
import { type Application, applicationSchema } from './application.ts';
import { addApplication, suitesApplications } from './index.ts';
import { mistakeOfRecord } from './mistake-of-record.ts';

/** The user's record of an application is missing or cannot be used; the message is the one line to show. */
export class ApplicationError extends OneLineError {
  override readonly name = 'ApplicationError';
}

/**
 * The user's own application, if the run has one. It is added to this process.
 *
 * @throws ApplicationError see {@link loadApplication}.
 */
export function applicationOfRun({ application }: Pick<Options, 'application'>): Application | undefined {
  if (application === undefined) return undefined;
  const own = loadApplication(application);
  addApplication(own);
  return own;
}

/**
 * Reads the record of an application: the default export of a TypeScript or JavaScript file. tsx loads the file, so that
 * Vitest's configuration, its workers and scripts all load it in the same way.
 *
 * @param from the folder that a relative path starts from. The record's own folder is relative to its file.
 * @throws ApplicationError with one line that names the field.
 */
export function loadApplication(file: string, from = userFolder()): Application {
  const path = resolve(from, file);
  const refuse = (why: string): never => {
    throw new ApplicationError(`MPM_HEARTBEAT_APPLICATION=${file}: ${why}`);
  };
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) refuse(`there is no file ${path}`);
  const record = exported(path, refuse);
  const { error } = applicationSchema.safeParse(record);
  if (error) refuse(firstProblem(error, record));
  const own = record as Application;
  if (suitesApplications.some(({ name }) => name === own.name)) refuse(`name: ${own.name} is taken`);
  const folder = resolve(dirname(path), own.folder);
  const dockerfile = join(folder, own.dockerfile ?? 'Dockerfile');
  if (!statSync(dockerfile, { throwIfNoEntry: false })?.isFile()) refuse(`folder: there is no ${dockerfile}`);
  if (!isLayer(readFileSync(dockerfile, 'utf8'))) {
    refuse(`folder: ${dockerfile} must build FROM \${BASE}, the Debian image that the suite gives it`);
  }
  const mistake = mistakeOfRecord(own, behaviourSchema.parse({ processes: 1, threads: 1, ...own.usual }));
  if (mistake) refuse(`${mistake.field}: ${mistake.why}`);
  return { ...own, folder };
}

function exported(path: string, refuse: (why: string) => never): unknown {
  let module: unknown;
  try {
    module = load(path, import.meta.url);
  } catch (error) {
    refuse(`it cannot be loaded: ${plainly(error)}`);
  }
  const { default: record } = Object(module) as { default?: unknown };
  return record ?? refuse('it has no default export');
}

/** The line of an error that says what is wrong; in esbuild's errors another line is above it. */
function plainly(error: unknown): string {
  const lines = String((error as Error)?.message ?? error).split('\n');
  return lines.find((line) => line.includes(': ERROR: ')) ?? lines[0] ?? '';
}

function firstProblem({ issues: [issue] }: z.ZodError, record: unknown): string {
  if (issue === undefined) return '';
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return `${[...path, issue.keys[0]].join('.')}: there is no such field`;
  }
  const found = path.reduce<unknown>(
    (value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key],
    record,
  );
  const where = path.join('.') || 'its default export';
  return found === undefined ? `${where} is missing` : `${where}: ${issue.message}`;
}

/** Whether the last stage of a Dockerfile is built on `${BASE}`. */
function isLayer(dockerfile: string): boolean {
  const last = [...dockerfile.matchAll(/^\s*FROM\s+(\S+)/gim)].at(-1)?.[1];
  return last === '$BASE' || last === `\${BASE}`;
}
