import { EventEmitter, once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Engine } from '../engine/engine.ts';
import { demultiplexed } from './container-output.ts';
import { within } from './until.ts';

/** How often `tail` polls, seconds. It must poll because it does not trust inotify on containers' file systems. */
export const LOOKS_EACH = '0.1';
const START_LIMIT_MS = 30_000;

/**
 * Follows the output of a program in a container: `tail -F` of a log file, or a program that answers lines
 * ({@link writeLine}). It cannot know that it has seen everything, so wait for a line that was written last
 * ({@link until}).
 */
export class LogTail implements Disposable {
  /** All complete lines so far, in the order in which they came. */
  readonly lines: string[] = [];
  /** Emits `change` when lines have come, and when the program has ended. */
  private readonly changes = new EventEmitter().setMaxListeners(0);
  private partial = '';
  /** The program's output on stderr. */
  private said = '';
  /** Whether a caller waited in vain while something was wrong. */
  private missed = false;
  /** Whether the program has ended, e.g. with its container. */
  hasEnded = false;
  /** Settles when the program has ended, so that no more lines will come. */
  readonly end: Promise<void>;

  /** @param stream the program's input. The program has ended when both of its outputs have. */
  constructor(
    private readonly stream: Duplex,
    { output, errors }: { output: Readable; errors: Readable },
  ) {
    output.setEncoding('utf8').on('data', (text: string) => this.receive(text));
    errors.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    stream.on('error', (error) => {
      this.said += `\n${error.message}\n`;
    });
    this.end = Promise.allSettled([finished(output), finished(errors)]).then(() => {
      this.hasEnded = true;
      this.changes.emit('change');
    });
  }

  /** Follows a log file from line `first` on. */
  static async open(engine: Engine, containerId: string, path: string, first = 1): Promise<LogTail> {
    return LogTail.follow(engine, containerId, ['tail', '-s', LOOKS_EACH, '-n', `+${first}`, '-F', path]);
  }

  /** Follows a program's output, line by line; its output on stderr is a complaint. */
  static async follow(engine: Engine, containerId: string, command: string[], user = ''): Promise<LogTail> {
    const start = async () => {
      const exec = await engine.container.getById(containerId).exec({
        Cmd: command,
        User: user,
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
      });
      return exec.start({ hijack: true, stdin: true });
    };
    const starting = start();
    const stream = await within(`the engine to start ${command[0]}`, START_LIMIT_MS, starting).catch(
      (error: unknown) => {
        void starting.then(
          (late) => late.destroy(),
          () => undefined,
        );
        throw error;
      },
    );
    return new LogTail(stream, demultiplexed(engine, stream));
  }

  /**
   * The index of the first line from `from` on that contains `text`. Undefined means that the log could not be read
   * that far: no such line came within `limitMs`, or the follower ended.
   */
  async until(text: string, limitMs: number, from = 0): Promise<number | undefined> {
    let next = from;
    const find = (): number | undefined => {
      for (; next < this.lines.length; next++) if (this.lines[next]?.includes(text)) return next;
      return undefined;
    };
    const deadline = performance.now() + limitMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (left <= 0 || this.hasEnded) {
        this.missed ||= withoutArrival(linesOf(this.said)).length > 0;
        return undefined;
      }
      const limit = AbortSignal.timeout(Math.ceil(left));
      await once(this.changes, 'change', { signal: limit }).catch(() => undefined);
    }
  }

  /** Writes a line to the program. */
  writeLine(line: string): void {
    this.stream.write(`${line}\n`);
  }

  /** What was wrong while it followed, e.g. that the file does not exist or was truncated; empty if nothing was wrong. */
  get complaint(): string {
    const said = linesOf(this.said);
    return [
      // If a caller waited in vain, the file appeared too late for it.
      ...(this.missed ? said : withoutArrival(said)),
      ...(this.hasEnded ? ['its program in the container has ended'] : []),
    ].join('; ');
  }

  [Symbol.dispose](): void {
    this.stream.destroy();
  }

  private receive(text: string): void {
    const lines = (this.partial + text).split('\n');
    this.partial = lines.pop() ?? '';
    if (lines.length === 0) return;
    this.lines.push(...lines);
    this.changes.emit('change');
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** `tail`'s complaints, without those about a file that appeared later: no line of it was missed. */
function withoutArrival(said: readonly string[]): readonly string[] {
  const [first = '', second = ''] = said;
  const hasCome =
    /: cannot open .*: No such file or directory$/.test(first) && / has appeared; /.test(second);
  return hasCome ? said.slice(2) : said;
}
