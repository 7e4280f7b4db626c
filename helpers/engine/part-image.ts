import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readlink, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { DebianRelease } from '../config/options.ts';
import { digest, pathsOf } from '../config/part-files.ts';
import { type Part, PartError, type Parts, partName } from '../config/parts.ts';
import { contentHash, pathsIn } from '../config/tree.ts';
import type { BuildContext } from './base-image.ts';
import { EngineError } from './engine.ts';
import { CONTAINERS, image, type Layer } from './images.ts';

/**
 * Builds the image of a layer with parts laid over it. The parts are built from copies of their sources, so nothing is
 * written to the sources themselves.
 *
 * @returns its name.
 * @throws PartError with the last line of the program that failed to build or import a part.
 */
export async function imageWithParts(
  context: BuildContext,
  release: DebianRelease,
  served: Layer,
  parts: Parts,
): Promise<string> {
  const temporary = await mkdtemp(join(tmpdir(), 'mpm-heartbeat-'));
  const remove = () => rmSync(temporary, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const folder = join(temporary, 'parts-build');
    await cp(join(CONTAINERS, 'parts-build'), folder, { recursive: true });
    await copySources(parts, join(folder, 'sources'));
    const built: Layer = { folder, on: { folder: 'parts-tools' } };
    return await image(context, release, { folder: 'parts', on: served, with: built });
  } catch (error) {
    const line = error instanceof EngineError && /^part: (.*)$/m.exec(error.message)?.[1];
    if (!line) throw error;
    throw new PartError(line);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

async function copySources(parts: Parts, sources: string): Promise<void> {
  const list = [];
  for (const [name, { kind, from, label, content }] of Object.entries(parts)) {
    if (kind === 'index') {
      list.push({ name, kind, label, content, from });
      continue;
    }
    const path = join(name, basename(from));
    const into = join(sources, path);
    await mkdir(dirname(into), { recursive: true });
    const copied = kind === 'archive' ? await copyArchive(from, into) : await copyTree({ kind, from }, into);
    if (copied !== content) {
      throw new PartError(`${partName(name, { label })} was changed during the run`);
    }
    list.push({ name, kind, label, content, path });
  }
  await mkdir(sources, { recursive: true });
  await writeFile(join(sources, 'parts.json'), JSON.stringify(list));
}

/** @returns the digest of the copy. */
async function copyArchive(from: string, into: string): Promise<string> {
  await copyFile(from, into);
  return digest(readFileSync(into));
}

/** @returns the digest of the copy. */
async function copyTree(tree: Pick<Part, 'kind' | 'from'>, into: string): Promise<string> {
  for (const path of pathsOf(tree)) {
    const [from, to] = [join(tree.from, path), join(into, path)];
    const stats = lstatSync(from);
    await mkdir(stats.isDirectory() ? to : dirname(to), { recursive: true });
    if (stats.isSymbolicLink()) await symlink(await readlink(from), to);
    else if (stats.isFile()) await copyFile(from, to);
  }
  return contentHash(into, pathsIn(into));
}
