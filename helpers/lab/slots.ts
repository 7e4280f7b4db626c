/** The parts of a cell that keep the processors busy. */
export type BusyPart = 'start' | 'container' | 'warm-up';

/**
 * How a row shares the machine: `shared` with other rows, `alone` if it is executed once more, and `last`, which is alone
 * too, for a row that measures the machine.
 */
export type SlotKind = 'shared' | 'alone' | 'last';

/** What a slot is for; `image`: to build an image. */
export type Turn = BusyPart | SlotKind | 'image';

/** Gives a slot back. */
export type EndOfSlot = () => void;

/**
 * Decides what may run at the same time, in all files of a run.
 *
 * - Busy parts run in the order in which they were asked for. One row's container starts while the row before it is
 *   warmed up.
 * - The first row of a run starts alone, because the user waits for it.
 * - Images are built one at a time, beside rows that share the machine, and never beside a row that is alone.
 * - A row that is alone starts as soon as nothing else runs, if necessary between two images.
 */
export class Slots {
  private readonly parts: Readonly<Record<BusyPart, Queue>> = {
    start: new Queue(1, 2),
    container: new Queue(1),
    'warm-up': new Queue(1),
  };
  private shared = 0;
  private isBuilding = false;
  private isAlone = false;
  private readonly waiting: { turn: SlotKind | 'image'; go: (end: EndOfSlot) => void }[] = [];

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
    if (exclusive && this.shared === 0 && !this.isBuilding) {
      this.isAlone = true;
      this.begin(exclusive, () => {
        this.isAlone = false;
      });
      return;
    }
    const build = this.first('image');
    if (build && !this.isBuilding) {
      this.isBuilding = true;
      this.begin(build, () => {
        this.isBuilding = false;
      });
    }
  }

  private first(turn: SlotKind | 'image'): Slots['waiting'][number] | undefined {
    return this.waiting.find((it) => it.turn === turn);
  }

  private begin(next: Slots['waiting'][number], end: () => void): void {
    this.waiting.splice(this.waiting.indexOf(next), 1);
    next.go(() => {
      end();
      this.next();
    });
  }
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
