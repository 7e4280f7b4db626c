import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';

/** The number of links in a row that Linux follows (`man 7 path_resolution`). */
const MOST_LINKS = 40;

/** The sorted relative paths of a folder's files, links and empty folders. Links are not followed. */
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
 * The first 12 digits of a SHA-256 over `paths` of a folder and over `more`. Each path counts with its name, its kind as
 * `ls -F` shows it, and the content of a file or the target of a link.
 *
 * @throws Error for a path that {@link isOdd}.
 */
export function contentHash(folder: string, paths: readonly string[], more: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const [kind, content] = kindAndContent(join(folder, path));
    hash.update(path).update(kind).update('\0').update(content).update('\0');
  }
  for (const part of more) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 12);
}

function kindAndContent(path: string): [kind: string, content: string | Buffer] {
  if (isOdd(path)) throw new Error(`${path} is neither a file, a folder nor a link`);
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return ['@', readlinkSync(path)];
  if (stats.isDirectory()) return ['/', ''];
  return [stats.mode & 0o111 ? '*' : '', readFileSync(path)];
}

/** Whether a path is a pipe, a socket or a device. Reading one may never end, and it cannot be copied. */
export function isOdd(path: string): boolean {
  const stats = lstatSync(path);
  return !stats.isFile() && !stats.isDirectory() && !stats.isSymbolicLink();
}

/**
 * The target of a link, if any step on the way to it is outside the folder; undefined if all steps are inside.
 * Links on the way are followed as Linux does. An absolute target counts as outside, because a copy of the folder has
 * another path. The target need not exist.
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
