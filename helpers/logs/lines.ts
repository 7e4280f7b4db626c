import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { OneLineError } from '../config/one-line.ts';

/** The name under which standard input is read. */
export const STDIN = '-';
/** Bytes of a line that are read; the rest of a longer line is skipped and the line is counted. */
export const LONGEST_LINE = 64 * 1024;
const CHUNK = 1024 * 1024;
/** The first bytes of a file, which decide whether it is binary. */
const SAMPLE = 64 * 1024;

/** A file that cannot be read as a log; the message is one line and names the file. */
export class LogFileError extends OneLineError {
  override readonly name = 'LogFileError';
}

/** What is known about a file after it has been read. */
export interface LinesRead {
  readonly lines: number;
  /** Lines that were longer than `LONGEST_LINE`. */
  readonly cut: number;
  /** Lines that are not UTF-8. Their wrong bytes are read as U+FFFD. */
  readonly notUtf8: number;
  /** Why the end of the file could not be read, in one line. */
  readonly complaint?: string;
}

/** Receives a line without its line break, and its number, from 1. Reading stops if it returns false. */
export type TakeLine = (line: string, number: number) => unknown;

/**
 * Reads the lines of a file, a gzip file or standard input (`-`) with bounded memory.
 *
 * @param progress receives the bytes of the file that were read so far, from time to time.
 * @throws LogFileError if the file cannot be read at all.
 */
export async function forEachLine(
  file: string,
  take: TakeLine,
  progress: (bytes: number) => void = () => {},
): Promise<LinesRead> {
  const source = file === STDIN ? process.stdin : await openFile(file);
  const lines = new LineSplitter(take);
  try {
    for await (const chunk of content(source, file, progress)) {
      lines.push(chunk);
      if (lines.isStopped) return lines.end();
    }
  } catch (error) {
    if (error instanceof LogFileError) throw error;
    if (lines.number === 0) throw new LogFileError(`${file}: ${problemOf(error)}`);
    return { ...lines.end(), complaint: `${file}: ${problemOf(error)}; only what is before it was read` };
  } finally {
    if (source !== process.stdin) source.destroy();
  }
  return lines.end();
}

async function openFile(file: string): Promise<Readable> {
  const facts = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new LogFileError(`${file}: ${problemOf(error)}`);
  });
  if (facts.isDirectory()) throw new LogFileError(`${file}: a folder, expected a file`);
  if (facts.isFIFO())
    throw new LogFileError(`${file}: a FIFO, which may never end; pipe it in and give - instead`);
  if (!facts.isFile()) throw new LogFileError(`${file}: neither a file nor a folder`);
  return createReadStream(file, { highWaterMark: CHUNK });
}

/** Why a file cannot be read, in a few words. */
export function problemOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: 'no such file',
    EACCES: 'no permission to read it',
    EISDIR: 'a folder, expected a file',
    ELOOP: 'a symbolic link that leads to itself',
    Z_BUF_ERROR: 'the gzip file ends early',
    Z_DATA_ERROR: 'the gzip file is damaged',
  };
  return known[code] ?? message;
}

/**
 * The text of a source, decompressed if it is gzip.
 *
 * @throws LogFileError if it is not text.
 */
async function* content(
  source: Readable,
  file: string,
  progress: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let read = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      yield chunk;
      read += chunk.length;
      progress(read);
    }
  }
  const raw = await withHead(counted(), 512);
  // An empty file yields nothing. If its first byte could not be read, this throws the reason.
  if (raw.head.length === 0) return yield* raw.all;
  refuseOtherForms(raw.head, file);
  const isGzip = raw.head[0] === 0x1f && raw.head[1] === 0x8b;
  const text = await withHead(isGzip ? decompressed(raw.all, file) : raw.all, SAMPLE);
  if (text.head.length === 0) return yield* text.all;
  // A *.tar.gz has an archive inside.
  if (isGzip) refuseOtherForms(text.head, file);
  if (!isText(text.head.subarray(0, SAMPLE))) throw new LogFileError(`${file}: binary, expected text`);
  yield* text.all;
}

/** The first bytes, and an iteration over everything, these bytes included. */
async function withHead(
  chunks: AsyncGenerator<Buffer>,
  least: number,
): Promise<{ readonly head: Buffer; readonly all: AsyncGenerator<Buffer> }> {
  const parts: Buffer[] = [];
  let failure: unknown;
  try {
    for (let size = 0; size < least; ) {
      const { value, done } = await chunks.next();
      if (done) break;
      parts.push(value);
      size += value.length;
    }
  } catch (error) {
    failure = error;
  }
  const head = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  async function* all(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    if (failure !== undefined) throw failure;
    yield* chunks;
  }
  return { head, all: all() };
}

/**
 * The text of a gzip file.
 *
 * @throws an error with zlib's code, after all text that can be read, if the file is cut off.
 */
async function* decompressed(chunks: AsyncGenerator<Buffer>, file: string): AsyncGenerator<Buffer> {
  let tail = Buffer.alloc(0);
  let bytes = 0;
  async function* watched(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      tail = Buffer.concat([tail, chunk.subarray(-4)]).subarray(-4);
      yield chunk;
    }
  }
  // With Z_FINISH zlib detects input that is cut off, but loses the last chunk. A file can be read again to detect it.
  const finishFlush = file === STDIN ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  const gunzip = createGunzip({ chunkSize: CHUNK / 4, finishFlush });
  // An error also ends the iteration below, which is where it is handled.
  pipeline(Readable.from(watched()), gunzip, () => {});
  for await (const chunk of gunzip) {
    bytes += chunk.length;
    yield chunk;
  }
  // The last four bytes are the length of the file's last part (RFC 1952). Usually there is one part.
  const isWhole = tail.length === 4 && tail.readUInt32LE() === bytes % 2 ** 32;
  if (!isWhole && file !== STDIN && (await isCutOff(file))) {
    throw Object.assign(new Error('cut off'), { code: 'Z_BUF_ERROR' });
  }
}

async function isCutOff(file: string): Promise<boolean> {
  const gunzip = createGunzip();
  pipeline(createReadStream(file), gunzip, () => {});
  try {
    for await (const _ of gunzip);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
  }
}

const OTHER_FORMS: readonly [magic: string, what: string][] = [
  ['fd377a585a00', 'compressed by xz; unpack it first'],
  ['28b52ffd', 'compressed by zstd; unpack it first'],
  ['425a68', 'compressed by bzip2; unpack it first'],
  ['504b0304', 'a zip archive; unpack it first'],
  ['4c504b5348485248', 'a journal; give the output of journalctl --file instead'],
  ['fffe', 'UTF-16, expected UTF-8'],
  ['feff', 'UTF-16, expected UTF-8'],
];

function refuseOtherForms(head: Buffer, file: string): void {
  const start = head.subarray(0, 8).toString('hex');
  const form = OTHER_FORMS.find(([magic]) => start.startsWith(magic));
  if (form) throw new LogFileError(`${file}: ${form[1]}`);
  if (head.toString('latin1', 257, 262) === 'ustar') {
    throw new LogFileError(`${file}: a tar archive; unpack it first`);
  }
}

/** Whether at most a tenth is control characters or wrong UTF-8. Zeros are ignored: crashed hosts leave them in logs. */
function isText(sample: Buffer): boolean {
  let [odd, counted] = [0, 0];
  for (const byte of sample) {
    if (byte === 0) continue;
    counted += 1;
    if ((byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 27) || byte === 127) odd += 1;
  }
  if (counted > 0 && !isAscii(sample)) odd += sample.toString('utf8').split('\ufffd').length - 1;
  return counted > 0 && odd * 10 <= counted;
}

const BYTE_ORDER_MARK = '\ufeff';

/** Cuts chunks of bytes into lines. */
class LineSplitter {
  number = 0;
  isStopped = false;
  private cut = 0;
  private notUtf8 = 0;
  /** The beginning of a line whose end has not been read yet. */
  private rest: Buffer | undefined;
  private isSkipping = false;

  constructor(private readonly take: TakeLine) {}

  push(chunk: Buffer): void {
    const isPlain = isAscii(chunk) && !chunk.includes(0);
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      if (this.isStopped) return;
      if (this.isSkipping) this.isSkipping = false;
      else if (this.rest) this.finish(Buffer.concat([this.rest, chunk.subarray(from, end)]));
      else if (isPlain && end - from <= LONGEST_LINE) this.give(chunk.toString('latin1', from, end));
      else this.finish(chunk.subarray(from, end));
      this.rest = undefined;
      from = end + 1;
    }
    this.keep(chunk.subarray(from));
  }

  end(): LinesRead {
    if (this.rest && !this.isStopped) this.finish(this.rest);
    this.rest = undefined;
    return { lines: this.number, cut: this.cut, notUtf8: this.notUtf8 };
  }

  private keep(part: Buffer): void {
    if (this.isSkipping || part.length === 0) return;
    // A copy, so that a short rest does not hold a whole chunk.
    const rest = this.rest ? Buffer.concat([this.rest, part]) : Buffer.from(part);
    if (rest.length <= LONGEST_LINE) {
      this.rest = rest;
    } else {
      this.finish(rest);
      this.rest = undefined;
      this.isSkipping = true;
    }
  }

  private finish(line: Buffer): void {
    const isCut = line.length > LONGEST_LINE;
    if (isCut) this.cut += 1;
    const bytes = isCut ? line.subarray(0, LONGEST_LINE) : line;
    // A line that was cut may end within a character.
    if (!isCut && !isUtf8(bytes)) this.notUtf8 += 1;
    this.give(bytes.toString('utf8').replaceAll('\0', ''));
  }

  private give(line: string): void {
    this.number += 1;
    const from = this.number === 1 && line.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
    const stops = this.take(line.slice(from, line.endsWith('\r') ? -1 : undefined), this.number) === false;
    if (stops) this.isStopped = true;
  }
}
