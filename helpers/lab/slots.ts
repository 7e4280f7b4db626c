/** Parts of a cell that keep the processors busy. */
export type BusyPart = 'start' | 'container' | 'warm-up';

/**
 * How a row shares the machine: `shared` with other rows, `alone` where it is executed once more, and `last`, alone as
 * well, for what measures the machine.
 */
export type SlotKind = 'shared' | 'alone' | 'last';

/** What one can ask a slot for; `image`: to build one. */
export type Turn = BusyPart | SlotKind | 'image';

/** Gives a slot back. */
export type EndOfSlot = () => void;

/**
 * Who may work beside whom, in all files of a run. What keeps the processors busy goes in the order in which it was
 * asked for: a row's container starts while the one before it is warmed up, and no other. The first row of a run starts
 * alone, since its reader waits. Images are built one at a time beside rows that share the machine, never beside one
 * that has it alone; such a row goes as soon as nothing else is at work, if need be between two images.
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

  /** Settles when it is the turn of whoever asked. */
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

/** First come, first served, so many at a time. */
class Queue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param later how many at a time once the first has ended. */
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
