import type { DebianRelease } from '../config/options.ts';

/** The parts of a cell that keep the processors busy. */
export type BusyPart = 'start' | 'container' | 'warm-up';

/**
 * How a row shares the machine: `shared` with other rows and with image builds, `rows only` with other rows, `alone` if it
 * is executed once more, and `last`, which is alone too, for a row that measures the machine.
 */
export type SlotKind = 'shared' | 'rows only' | 'alone' | 'last';

/** To build an image of a release. Images of different releases have no layers in common. */
export type ImageTurn = `image of ${DebianRelease}`;

/** What a slot is for. */
export type Turn = BusyPart | SlotKind | ImageTurn;

/** Gives a slot back. */
export type EndOfSlot = () => void;

interface Waiting {
  readonly turn: SlotKind | ImageTurn;
  readonly go: (end: EndOfSlot) => void;
}

/**
 * Decides what may run at the same time, in all files of a run.
 *
 * - Busy parts run in the order in which they were asked for. One row's container starts while the row before it is
 *   warmed up.
 * - The first row of a run starts alone, because the user waits for it.
 * - Images are built one at a time, beside rows that are `shared`, and beside no other row. While no row runs or waits to be
 *   alone, two images of different releases are built at once, because one does not keep two processors busy.
 * - A `rows only` row waits until no image is being built or expected.
 * - A row that is alone starts as soon as nothing else runs, if necessary between two images.
 */
export class Slots {
  private readonly parts: Readonly<Record<BusyPart, Queue>> = {
    start: new Queue(1, 2),
    container: new Queue(1),
    'warm-up': new Queue(1),
  };
  /** The rows that share the machine now. */
  private readonly sharing = { shared: 0, 'rows only': 0 };
  private imagesExpected = 0;
  private readonly building = new Set<ImageTurn>();
  private isAlone = false;
  private readonly waiting: Waiting[] = [];

  /** Settles when the caller has its slot. */
  take(turn: Turn): Promise<EndOfSlot> {
    if (isPart(turn)) return this.parts[turn].take();
    return new Promise((go) => {
      this.waiting.push({ turn, go });
      this.next();
    });
  }

  /** Announces images that will be built, so that `rows only` rows wait. @returns an object whose disposal ends this. */
  expectImages(): Disposable {
    this.imagesExpected++;
    return {
      [Symbol.dispose]: () => {
        this.imagesExpected--;
        this.next();
      },
    };
  }

  private next(): void {
    if (this.isAlone) return;
    this.share('shared');
    if (!this.hasImages()) this.share('rows only');
    const exclusive = this.first('alone') ?? this.first('last');
    const rows = this.sharing.shared + this.sharing['rows only'];
    if (exclusive && rows === 0 && this.building.size === 0) {
      this.isAlone = true;
      this.begin(exclusive, () => {
        this.isAlone = false;
      });
      return;
    }
    if (this.sharing['rows only'] > 0) return;
    const most = exclusive || rows > 0 ? 1 : 2;
    for (const next of [...this.waiting]) {
      const { turn } = next;
      if (!isImage(turn) || this.building.has(turn) || this.building.size >= most) continue;
      this.building.add(turn);
      this.begin(next, () => this.building.delete(turn));
    }
  }

  /** Whether an image is being built, waits for its turn, or is expected. */
  private hasImages(): boolean {
    return (
      this.imagesExpected > 0 || this.building.size > 0 || this.waiting.some(({ turn }) => isImage(turn))
    );
  }

  private share(turn: 'shared' | 'rows only'): void {
    for (let next = this.first(turn); next; next = this.first(turn)) {
      this.sharing[turn]++;
      this.begin(next, () => this.sharing[turn]--);
    }
  }

  private first(turn: SlotKind): Waiting | undefined {
    return this.waiting.find((waiting) => waiting.turn === turn);
  }

  private begin(next: Waiting, end: () => void): void {
    this.waiting.splice(this.waiting.indexOf(next), 1);
    next.go(() => {
      end();
      this.next();
    });
  }
}

function isImage(turn: Turn): turn is ImageTurn {
  return turn.startsWith('image of ');
}

function isPart(turn: Turn): turn is BusyPart {
  return turn === 'start' || turn === 'container' || turn === 'warm-up';
}

/** Serves callers in the order in which they came, `width` at a time. */
class Queue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param later the width as soon as one caller has given its slot back. */
  constructor(
    private width: number,
    private readonly later = width,
  ) {}

  async take(): Promise<EndOfSlot> {
    await new Promise<void>((go) => {
      this.waiting.push(go);
      this.next();
    });
    return () => {
      this.running--;
      this.width = this.later;
      this.next();
    };
  }

  private next(): void {
    for (const go of this.waiting.splice(0, this.width - this.running)) {
      this.running++;
      go();
    }
  }
}
