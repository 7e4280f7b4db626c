import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, normalize, relative, resolve } from 'node:path';
import { type Part, PartError, type Parts, versionOf, versionOfArchive, type WrittenParts } from './parts.ts';
import { contentHash, isOdd, leadsOut, pathsIn } from './tree.ts';

const PROJECT_FILES = ['pyproject.toml', 'setup.cfg', 'setup.py'];
/** Build tools that take the version from git, or from a variable instead. */
const VERSION_FROM_GIT = /\bpbr\b|setuptools[-_]scm|hatch[-_]vcs/;

/** The folder that relative paths start from. npm changes to its package's folder, and keeps the user's in `INIT_CWD`. */
export function userFolder(): string {
  return process.env.INIT_CWD ?? process.cwd();
}

/** A path of this project as the user finds it: relative to the folder in which npm was called. */
export function fromUser(path: string): string {
  return relative(userFolder(), resolve(path));
}

/**
 * Looks up the kind, the present version and the present content of each part.
 *
 * @param from the folder that relative paths start from.
 * @throws PartError with one line if a part is missing, or cannot be used as one.
 */
export function lookUpParts(written: WrittenParts, from = userFolder()): Parts {
  return Object.fromEntries(
    Object.entries(written).map(([name, where]) => {
      try {
        return [name, where.startsWith('==') ? ofIndex(where) : ofPath(resolve(from, where))];
      } catch (error) {
        if (error instanceof PartError) throw new PartError(`part ${name}=${where}: ${error.message}`);
        throw error;
      }
    }),
  );
}

function ofIndex(where: string): Part {
  const version = where.slice('=='.length);
  return { kind: 'index', from: where, label: version, version, content: digest(where) };
}

function ofPath(from: string): Part {
  const stat = statSync(from, { throwIfNoEntry: false });
  if (!stat) throw new PartError(`there is no ${from}`);
  if (stat.isDirectory()) return ofTree(from);
  const version = versionOfArchive(basename(from));
  if (version === undefined) throw new PartError(`${from} does not have the name of a wheel or sdist`);
  if (!stat.isFile()) throw new PartError(`${from} is neither a file nor a folder`);
  return { kind: 'archive', from, label: version, version, content: digest(readFileSync(from)) };
}

function ofTree(from: string): Part {
  const kind = isCheckout(from) ? 'checkout' : 'directory';
  const paths = pathsOf({ kind, from });
  const project = filesAmong(from, paths, PROJECT_FILES);
  if (project.length === 0) throw new PartError(`${from} has no ${PROJECT_FILES.join(', ')}`);
  const content = contentHash(from, paths);
  const label =
    kind === 'checkout' ? versionOfCheckout(from, content) : versionOfDirectory(from, paths, content);
  const takesIt = project.some((file) => VERSION_FROM_GIT.test(readFileSync(file, 'utf8')));
  return { kind, from, label, ...(takesIt && { version: label }), content };
}

/** The paths of `names` that are files of a tree. Links to files count, because no link of a tree leads out of it. */
function filesAmong(from: string, paths: readonly string[], names: readonly string[]): string[] {
  return names
    .filter((name) => paths.includes(name))
    .map((name) => join(from, name))
    .filter(isFile);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function versionOfCheckout(from: string, content: string): string {
  const changed = git(from, 'status', '--porcelain') === '' ? undefined : content;
  const tags = ['--match', '[0-9]*', '--match', 'v[0-9]*', '--exclude', '*-*'];
  try {
    return versionOf(git(from, 'describe', '--tags', '--long', '--abbrev=7', ...tags).trim(), changed);
  } catch (error) {
    if (error instanceof PartError && !error.message.includes('No names found')) throw error;
    const [commits, hash] = [git(from, 'rev-list', '--count', 'HEAD'), git(from, 'rev-parse', 'HEAD')];
    return versionOf(`0-${commits.trim()}-g${hash.slice(0, 7)}`, changed);
  }
}

/** The version of a folder: an unpacked sdist has one in PKG-INFO. */
function versionOfDirectory(from: string, paths: readonly string[], content: string): string {
  const [information] = filesAmong(from, paths, ['PKG-INFO']);
  const text = information === undefined ? '' : readFileSync(information, 'utf8');
  return `${/^Version: (\S+)$/m.exec(text)?.[1] ?? '0'}+d${content.slice(0, 8)}`;
}

function isCheckout(folder: string): boolean {
  return existsSync(join(folder, '.git'));
}

/**
 * The paths of a tree; of a checkout, the paths that git does not ignore. Links are copied as links. Their targets (a
 * password in .git/config, an ignored file) are copied only if they are in the tree themselves.
 *
 * @throws PartError for a path that cannot be copied in this way, or would mean something else in a copy.
 */
export function pathsOf({ kind, from }: Pick<Part, 'kind' | 'from'>): string[] {
  const root = realpathSync(from);
  const listed = kind === 'checkout' ? listedByGit(root) : pathsIn(root);
  for (const path of listed) {
    // Git's index may list any path. Node.js replaces bytes that it cannot decode by U+FFFD.
    if (normalize(path).startsWith('../')) throw new PartError(`git lists ${path}, which is outside ${from}`);
    if (path.includes('\uFFFD')) throw new PartError(`the name of ${join(from, path)} is not UTF-8`);
  }
  const paths = kind === 'checkout' ? listed.filter((path) => isInWorkTree(root, path)) : listed;
  for (const path of paths) refuseUnlessCopyable(from, path);
  return paths;
}

function listedByGit(root: string): string[] {
  const listed = git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0');
  return [...new Set(listed)].filter(Boolean).sort();
}

/** Whether git would add a path: not if the path is deleted or is another repository, or if its folder became a link. */
function isInWorkTree(root: string, path: string): boolean {
  const steps = path.split('/').filter(Boolean);
  return steps.every((_, last) => {
    const stats = lstatSync(join(root, ...steps.slice(0, last + 1)), { throwIfNoEntry: false });
    return stats !== undefined && stats.isDirectory() === last < steps.length - 1;
  });
}

function refuseUnlessCopyable(from: string, path: string): void {
  const at = join(from, path);
  if (isOdd(at)) throw new PartError(`${at} is neither a file, a folder nor a link`);
  if (!lstatSync(at).isSymbolicLink()) return;
  const where = leadsOut(from, path);
  if (where !== undefined) throw new PartError(`the link ${at} leads out of ${from}, to ${where}`);
}

/** The first 12 digits of a SHA-256. */
export function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

function git(folder: string, ...command: string[]): string {
  try {
    return execFileSync('git', ['-C', folder, ...command], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') throw new PartError(`${folder} is a git checkout, and there is no git`);
    throw new PartError(`git ${command[0]}: ${String(stderr).trim().split('\n')[0]}`);
  }
}

/** A project's name, if one of its files has it as a plain value. */
export function projectName(folder: string): string | undefined {
  for (const file of PROJECT_FILES.map((name) => join(folder, name)).filter(isFile)) {
    const name = /^\s*name\s*=\s*["']?([\w.-]+)/m.exec(readFileSync(file, 'utf8'))?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}
