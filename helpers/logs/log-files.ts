import { createHash } from 'node:crypto';
import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { grouped } from '../config/grouped.ts';
import { unwrap } from './envelope.ts';
import { forEachLine, LogFileError, problemOf, STDIN } from './lines.ts';
import { LogReader } from './log-reader.ts';

/** A file to read. */
export interface LogFile {
  readonly path: string;
  /** Bytes on disk; 0 for standard input. */
  readonly size: number;
  /** Milliseconds since the epoch at which it was last written to. */
  readonly writtenAt: number;
  /** The same for all files of one rotated log. */
  readonly log: string;
  /** Why it cannot be read, in one line, if that is known already. */
  readonly complaint?: string;
}

/** Lines in which the first time of a file is looked for. */
const SAMPLE_LINES = 500;

/**
 * The files under these paths. A file with several names is read once, and so are copies within a rotated log. Files of a
 * rotated log are in the order of time.
 *
 * @param now milliseconds since the epoch, for standard input.
 * @throws LogFileError if a path does not exist, or there is no file.
 */
export async function logFiles(paths: readonly string[], now: number): Promise<LogFile[]> {
  const files = new Map<string, LogFile>();
  for (const path of paths) {
    const found = path === STDIN ? [{ path, size: 0, writtenAt: now, log: path }] : await under(path);
    for (const file of found) {
      const name = await realpath(file.path).catch(() => file.path);
      if (!files.has(name)) files.set(name, file);
    }
  }
  if (files.size === 0) throw new LogFileError(`${paths.join(', ')}: no file is in there`);
  return inOrder([...files.values()]);
}

async function under(path: string): Promise<LogFile[]> {
  const facts = await stat(path).catch((error: unknown) => {
    throw new LogFileError(`${path}: ${problemOf(error)}`);
  });
  return facts.isDirectory() ? ofFolder(path) : [logFile(path, facts)];
}

async function ofFolder(path: string): Promise<LogFile[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    return [{ path, size: 0, writtenAt: 0, log: path, complaint: `${path}: ${problemOf(error)}` }];
  }
  const all: LogFile[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) all.push(...(await ofFolder(inside)));
    // Kubernetes has links to files. Links to folders may lead anywhere. Sockets, FIFOs and dead links are not logs.
    const facts = await stat(inside).catch(() => undefined);
    if (facts?.isFile()) all.push(logFile(inside, facts));
  }
  return all;
}

function logFile(path: string, { size, mtimeMs }: Stats): LogFile {
  return { path, size, writtenAt: mtimeMs, log: withoutRotation(path) };
}

// logrotate's and RabbitMQ's: .1, .2.gz, -20240131, .2024-01-31, -20240131.log. But 10.0.0.1 is a host.
const DATE = String.raw`[.-](?:\d{8}(?:[-T]?\d{2,6})?|\d{4}-\d{2}-\d{2}[\w-]*)`;
const ROTATION = new RegExp(String.raw`(?:(?<!\.\d+)\.\d{1,3}|${DATE}(?<extension>\.log)?)?(?:\.gz)?$`);

/** A file's name without what rotation added to it. */
export function withoutRotation(path: string): string {
  return path.replace(ROTATION, '$<extension>');
}

/** Sorts rotated files by their first time. Names do not help: numbers count up or down, or are dates. */
async function inOrder(files: readonly LogFile[]): Promise<LogFile[]> {
  const all: LogFile[] = [];
  for (const group of grouped(files, ({ log }) => log).values()) {
    if (group.length === 1) {
      all.push(...group);
      continue;
    }
    const timed = await Promise.all(group.map(async (file) => ({ file, first: await firstTime(file) })));
    const sorted = timed.sort((a, b) => a.first - b.first);
    for (const together of grouped(sorted, ({ first }) => first).values())
      all.push(...(await withoutCopies(together.map(({ file }) => file))));
  }
  return all;
}

/** A rotated file may lie beside its compressed copy. @param files that begin at the same time. */
async function withoutCopies(files: readonly LogFile[]): Promise<readonly LogFile[]> {
  if (files.length === 1) return files;
  const byContent = new Map<string, LogFile>();
  for (const file of files) {
    const content = await contentOf(file);
    if (!byContent.has(content)) byContent.set(content, file);
  }
  return [...byContent.values()];
}

/** The same for files with the same lines. A file that cannot be read to its end is like no other. */
async function contentOf({ path }: LogFile): Promise<string> {
  const hash = createHash('sha256');
  const read = await forEachLine(path, (line) => hash.update(`${line}\n`)).catch((error: unknown) => {
    if (!(error instanceof LogFileError)) throw error;
    return undefined;
  });
  return read === undefined || read.complaint !== undefined ? path : hash.digest('hex');
}

/** The first time in a file. If there is none, or the file cannot be read: when the file was last written to. */
async function firstTime(file: LogFile): Promise<number> {
  let first: number | undefined;
  const nothing = { broker() {}, application() {}, request() {} };
  const reader = new LogReader(nothing, file.writtenAt);
  const read = (line: string, number: number) => {
    first ??= unwrap(line, file.writtenAt).prefix.time?.ms;
    reader.line(line, number);
    first ??= reader.first?.ms;
    return first === undefined && number < SAMPLE_LINES;
  };
  await forEachLine(file.path, read).catch((error: unknown) => {
    if (!(error instanceof LogFileError)) throw error;
  });
  return first ?? file.writtenAt;
}
