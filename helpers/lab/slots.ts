import type { DebianRelease } from '../config/options.ts';

/** The parts of a cell that keep the processors busy. */
export type BusyPart = 'start' | 'container' | 'warm-up';

/**
 * How a row shares the machine: `shared` with other rows, `alone` if it is executed once more, and `last`, which is alone
 * too, for a row that measures the machine.
 */
export type SlotKind = 'shared' | 'alone' | 'last';

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
 * - Images are built one at a time, beside rows that share the machine, and never beside a row that is alone. While no row
 *   runs or waits to be alone, two images of different releases are built at once, because one does not keep two
 *   processors busy.
 * - A row that is alone starts as soon as nothing else runs, if necessary between two images.
 */
export class Slots {
  private readonly parts: Readonly<Record<BusyPart, Queue>> = {
    start: new Queue(1, 2),
    container: new Queue(1),
    'warm-up': new Queue(1),
  };
  private shared = 0;
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

  private next(): void {
    if (this.isAlone) return;
    for (let next = this.first('shared'); next; next = this.first('shared')) {
      this.shared++;
      this.begin(next, () => this.shared--);
    }
    const exclusive = this.first('alone') ?? this.first('last');
    if (exclusive && this.shared === 0 && this.building.size === 0) {
      this.isAlone = true;
      this.begin(exclusive, () => {
        this.isAlone = false;
      });
      return;
    }
    const most = exclusive || this.shared > 0 ? 1 : 2;
    for (const next of [...this.waiting]) {
      const { turn } = next;
      if (!isImage(turn) || this.building.has(turn) || this.building.size >= most) continue;
      this.building.add(turn);
      this.begin(next, () => this.building.delete(turn));
    }
  }

  private first(turn: SlotKind): Waiting | undefined {
    return this.waiting.find((it) => it.turn === turn);
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
