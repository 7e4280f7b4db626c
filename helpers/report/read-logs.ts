import type { FileReport } from '../diagnosis/diagnosis-words.ts';
import type { Histories } from '../diagnosis/histories.ts';
import { forEachLine, LONGEST_LINE, LogFileError } from '../logs/lines.ts';
import type { LogFile } from '../logs/log-files.ts';
import { fileKind } from '../logs/recognise.ts';

/** Receives how far the reading has come, in bytes on disk. */
export interface ReadingProgress {
  /** This much of the file was read. */
  at(path: string, bytes: number): void;
  /** A file of this size was read. */
  done(bytes: number): void;
}

const TOO_LONG = `a line is longer than ${LONGEST_LINE / 1024} KiB, expected an entry of a log in each line`;
const SILENT: ReadingProgress = { at() {}, done() {} };

/** Reads logs into histories. A file that cannot be read is a complaint in its report. */
export async function readLogs(
  all: readonly LogFile[],
  histories: Histories,
  progress = SILENT,
): Promise<FileReport[]> {
  const files: FileReport[] = [];
  for (const file of all) {
    const report = await readLog(file, histories, progress);
    files.push(report);
    if (report.complaint !== undefined) histories.incomplete.push(report.file);
    progress.done(file.size);
  }
  return files;
}

async function readLog(
  { path, log, writtenAt, complaint: known }: LogFile,
  histories: Histories,
  progress: ReadingProgress,
): Promise<FileReport> {
  const reader = histories.readerOf(path, log, writtenAt);
  try {
    if (known !== undefined) throw new LogFileError(known);
    const { lines, cut, notUtf8, complaint } = await forEachLine(
      path,
      (line, number) => reader.line(line, number),
      (bytes) => progress.at(path, bytes),
    );
    const { counts, examples } = reader;
    const kind = fileKind(counts);
    const isOneLine = cut > 0 && kind === 'unknown';
    return {
      file: path,
      kind,
      lines,
      unread: counts.unknown,
      examples,
      odd: cut + notUtf8,
      complaint: isOneLine ? `${path}: ${TOO_LONG}` : complaint,
    };
  } catch (error) {
    if (!(error instanceof LogFileError)) throw error;
    const complaint = error.message;
    return { file: path, kind: 'unknown', lines: 0, unread: 0, examples: [], odd: 0, complaint };
  }
}
