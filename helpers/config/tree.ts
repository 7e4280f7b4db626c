import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';

/** As many links in a row as Linux follows (`man 7 path_resolution`). */
const MOST_LINKS = 40;

/** The files, links and empty folders of a folder, by their paths in it, sorted. Links are not followed. */
export function pathsIn(folder: string): string[] {
  const under = (path: string): string[] => {
    const entries = readdirSync(join(folder, path), { withFileTypes: true });
    if (entries.length === 0) return [path];
    return entries.flatMap((entry) => {
      const inner = join(path, entry.name);
      return entry.isDirectory() ? under(inner) : [inner];
    });
  };
  return under('').sort();
}

/**
 * The first 12 digits of a SHA-256 over `paths` of a folder: their names, marked as `ls -F` does, the content of files,
 * the target of links; and over `more`.
 *
 * @throws Error for a path that {@link isOdd}.
 */
export function contentHash(folder: string, paths: readonly string[], more: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const [mark, content] = markAndContent(join(folder, path));
    hash.update(path).update(mark).update('\0').update(content).update('\0');
  }
  for (const part of more) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 12);
}

function markAndContent(path: string): [mark: string, content: string | Buffer] {
  if (isOdd(path)) throw new Error(`${path} is neither a file, a folder nor a link`);
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return ['@', readlinkSync(path)];
  if (stats.isDirectory()) return ['/', ''];
  return [stats.mode & 0o111 ? '*' : '', readFileSync(path)];
}

/** Whether a path is a pipe, a socket or a device: reading it may never end, and it cannot be copied. */
export function isOdd(path: string): boolean {
  const stats = lstatSync(path);
  return !stats.isFile() && !stats.isDirectory() && !stats.isSymbolicLink();
}

/**
 * Where a link of a folder leads, if any step on the way there is outside the folder; undefined if all are inside.
 * Links on the way are followed as Linux does. An absolute target counts as outside: a copy of the folder has another
 * path. The target need not exist.
 *
 * @param link its path in the folder.
 */
export function leadsOut(folder: string, link: string): string | undefined {
  const root = realpathSync(folder);
  let at = join(root, dirname(link));
  let ahead = [basename(link)];
  for (let links = 0; links <= MOST_LINKS; ) {
    const [step, ...rest] = ahead;
    if (step === undefined) return undefined;
    const next = join(at, step);
    if (next !== root && !next.startsWith(root + sep)) return resolve(next, ...rest);
    if (lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink()) {
      const target = readlinkSync(next);
      if (isAbsolute(target)) return resolve(target, ...rest);
      ahead = [...target.split('/'), ...rest];
      links++;
    } else {
      at = next;
      ahead = rest;
    }
  }
  return undefined;
}
