import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { grouped } from '../config/grouped.ts';
import { unwrap } from './envelope.ts';
import { forEachLine, LogFileError, STDIN } from './lines.ts';
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
}

/** Lines in which the first time of a file is looked for. */
const SAMPLE_LINES = 500;

/**
 * The files under these paths, each once; those of one rotated log in the order of what is in them.
 *
 * @param now milliseconds since the epoch, for standard input.
 * @throws LogFileError for a path that does not exist, or cannot be read.
 */
export async function logFiles(paths: readonly string[], now: number): Promise<LogFile[]> {
  const files = new Map<string, LogFile>();
  for (const path of paths) {
    for (const file of path === STDIN ? [{ path, size: 0, writtenAt: now, log: path }] : await under(path)) {
      files.set(file.path, file);
    }
  }
  return inOrder([...files.values()]);
}

async function under(path: string): Promise<LogFile[]> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such file' : error.message;
    throw new LogFileError(`${path}: ${why}`);
  });
  if (!facts.isDirectory()) return [{ path, ...sizeAndTime(facts), log: withoutRotation(path) }];
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch((error: Error) => {
    throw new LogFileError(`${path}: the folder cannot be read: ${error.message}`);
  });
  // Whatever else is in a folder (sockets, FIFOs, links to folders) is no log.
  const names = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  return Promise.all(
    names
      .sort()
      .map(async (name) => ({ path: name, ...sizeAndTime(await stat(name)), log: withoutRotation(name) })),
  );
}

function sizeAndTime({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }) {
  return { size, writtenAt: mtimeMs };
}

// logrotate's and RabbitMQ's: .1, .2.gz, -20240131, .2024-01-31
const ROTATION = /(?:\.\d{1,3}|[.-]\d{8}(?:[-T]?\d{2,6})?|[.-]\d{4}-\d{2}-\d{2}[\w-]*)?(?:\.gz)?$/;

/** A file's name without what rotation added to it. */
export function withoutRotation(path: string): string {
  return path.replace(ROTATION, '');
}

/** Rotated files by their first time, not by name: schemes count up, count down, or have dates in them. */
async function inOrder(files: readonly LogFile[]): Promise<LogFile[]> {
  const all: LogFile[] = [];
  for (const group of grouped(files, ({ log }) => log).values()) {
    if (group.length === 1) {
      all.push(...group);
      continue;
    }
    const timed = await Promise.all(group.map(async (file) => ({ file, first: await firstTime(file) })));
    all.push(...timed.sort((a, b) => a.first - b.first).map(({ file }) => file));
  }
  return all;
}

/** Of a file without a time, or that cannot be read: when it was last written to. */
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
