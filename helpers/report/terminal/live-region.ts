import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';

type Write = WriteStream['write'];

/** Lines at the end of a terminal that are drawn again and again; everything else scrolls by above them. */
export class LiveRegion {
  private readonly update: ReturnType<typeof createLogUpdate>;
  private lines: readonly string[] = [];
  /** Whether what others have written ends with a line break. */
  private atLineStart = true;
  private readonly restore: (() => void)[] = [];

  /** @param streams of the same terminal; the region is drawn on the first. */
  constructor(...streams: readonly [WriteStream, ...WriteStream[]]) {
    const [stream] = streams;
    const write: Write = stream.write.bind(stream);
    const direct = Object.create(stream, {
      write: { value: write },
      // A terminal that does not know its size says 0.
      columns: { get: () => stream.columns || 80 },
      rows: { get: () => stream.rows || 24 },
    });
    // The cursor is not hidden, because it would stay hidden after SIGKILL.
    this.update = createLogUpdate(direct, { showCursor: true });
    for (const stream of streams) this.restore.push(this.intercept(stream));
  }

  /** Draws these lines in place of the last ones; none removes the region. */
  draw(lines: readonly string[]): void {
    this.lines = lines;
    this.redraw();
  }

  /** Removes the region, and leaves the streams as they were. */
  stop(): void {
    this.draw([]);
    for (const restore of this.restore.splice(0)) restore();
  }

  private redraw(): void {
    if (this.lines.length === 0) this.update.clear();
    else if (this.atLineStart) this.update(this.lines.join('\n'));
  }

  private intercept(stream: WriteStream): () => void {
    const original = stream.write;
    stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
      this.update.clear();
      const result = original.call(stream, chunk, ...rest);
      this.atLineStart = String(chunk.at(-1)) === '\n' || chunk.at(-1) === 10;
      this.redraw();
      return result;
    }) as Write;
    return () => {
      stream.write = original;
    };
  }
}
