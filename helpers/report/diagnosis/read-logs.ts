import type { FileReport } from '../../diagnosis/diagnosis-words.ts';
import type { Histories } from '../../diagnosis/history/histories.ts';
import { forEachLine, LONGEST_LINE, LogFileError } from '../../logs/lines.ts';
import type { LogFile } from '../../logs/log-files.ts';
import { fileKind } from '../../logs/recognise.ts';

const TOO_LONG = `a line is longer than ${LONGEST_LINE / 1024} KiB, expected an entry of a log in each line`;

/**
 * Reads logs into histories. A file that cannot be read is a complaint in its report.
 *
 * @param progress receives the file that is read, and how many bytes on disk were read of all files so far.
 */
export async function readLogs(
  all: readonly LogFile[],
  histories: Histories,
  progress: (path: string, bytes: number) => void = () => {},
): Promise<FileReport[]> {
  const files: FileReport[] = [];
  let before = 0;
  for (const file of all) {
    const report = await readLog(file, histories, (bytes) => progress(file.path, before + bytes));
    files.push(report);
    if (report.complaint !== undefined) histories.incomplete.push(report.file);
    before += file.size;
  }
  return files;
}

async function readLog(
  { path, log, writtenAt, complaint: known }: LogFile,
  histories: Histories,
  progress: (bytes: number) => void,
): Promise<FileReport> {
  const reader = histories.readerOf(path, log, writtenAt);
  try {
    if (known !== undefined) throw new LogFileError(known);
    const { lines, cut, notUtf8, complaint } = await forEachLine(
      path,
      (line, number) => reader.line(line, number),
      progress,
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
