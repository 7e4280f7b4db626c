import type { Duplex } from 'node:stream';
import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Engine } from '../engine/engine.ts';

/**
 * How often `tail` looks, seconds: it must poll, since it does not trust inotify on the file system that
 * containers have.
 */
export const LOOKS_EACH = '0.1';

/**
 * Follows what a program in a container prints: `tail -F` of a log file from its first line on, or
 * another, which may be asked for it line by line ({@link say}). It cannot know by itself that it has seen everything: ask for a line that was written
 * last ({@link until}).
 */
export class LogTail implements Disposable {
  /** All complete lines so far, in the order in which they came. */
  readonly lines: string[] = [];
  private readonly waiting = new Set<() => void>();
  private complaint = '';
  private partial = '';

  private constructor(private readonly stream: Duplex) {}

  /** Follows a log file. */
  static async open(engine: Engine, containerId: string, path: string): Promise<LogTail> {
    return LogTail.follow(engine, containerId, ['tail', '-s', LOOKS_EACH, '-n', '+1', '-F', path]);
  }

  /** Follows a program's output, line by line; what it says on stderr is its complaint. */
  static async follow(engine: Engine, containerId: string, command: string[], user = ''): Promise<LogTail> {
    const exec = await engine.container.getById(containerId).exec({
      Cmd: command,
      User: user,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const tail = new LogTail(stream);
    const [output, errors] = [new PassThrough(), new PassThrough()];
    engine.container.dockerode.modem.demuxStream(stream, output, errors);
    const decoder = new StringDecoder('utf8');
    output.on('data', (chunk: Buffer) => tail.receive(decoder.write(chunk)));
    errors.on('data', (chunk: Buffer) => {
      tail.complaint = `${tail.complaint} ${chunk.toString()}`.trim().replaceAll('\n', '; ');
    });
    stream.on('error', (error) => {
      tail.complaint = error.message;
    });
    return tail;
  }

  /**
   * The index of the first line from `from` on that contains `text`, or undefined if none came
   * within `limitMs`: then the log could not be read to there.
   */
  async until(text: string, limitMs: number, from = 0): Promise<number | undefined> {
    let next = from;
    const find = (): number | undefined => {
      for (; next < this.lines.length; next++) if (this.lines[next]?.includes(text)) return next;
      return undefined;
    };
    const deadline = Date.now() + limitMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) return undefined;
      await this.more(left);
    }
  }

  /** A line for the program to read. */
  say(line: string): void {
    this.stream.write(`${line}\n`);
  }

  /** What the program said on stderr, e.g. that the file is not there. */
  get lastComplaint(): string {
    return this.complaint;
  }

  [Symbol.dispose](): void {
    this.stream.destroy();
  }

  private receive(text: string): void {
    const lines = (this.partial + text).split('\n');
    this.partial = lines.pop() ?? '';
    if (lines.length === 0) return;
    this.lines.push(...lines);
    for (const wake of this.waiting) wake();
  }

  private async more(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, limitMs);
      this.waiting.add(wake);
    });
  }
}
