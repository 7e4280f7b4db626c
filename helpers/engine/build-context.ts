import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import dockerignore from '@balena/dockerignore';
import tar from 'tar-fs';
import { pathsIn } from '../config/tree.ts';

/**
 * The paths of a build's context, sorted: those that the folder's `.dockerignore` does not name, and the Dockerfile.
 *
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function contextPaths(folder: string, dockerfile: string): string[] {
  const file = join(folder, '.dockerignore');
  const rules = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const ignored = dockerignore.default({ ignorecase: false }).add(rules);
  return pathsIn(folder).filter((path) => path === dockerfile || !ignored.ignores(path));
}

/**
 * Some paths of a folder, as the engine takes a build's context. (dockerode's own filter is wrong below the top level.) An
 * error of a file destroys the stream.
 */
export function packed(folder: string, paths: readonly string[]): Readable {
  return pipeline(tar.pack(folder, { entries: [...paths] }), createGzip(), () => undefined);
}
