/** Parts of a cell that keep the processors busy. */
export type BusyPart = 'start' | 'container' | 'warm-up';

/**
 * What may be at work at a time. Cells run side by side ({@link Turns.take} `beside others`). A cell
 * that is tried again has the machine for itself (`alone`), and what measures the machine comes when
 * nobody else has asked for it (`last`).
 */
export type Company = 'beside others' | 'alone' | 'last';

/** Gives a turn back. */
export type EndOfTurn = () => void;

/**
 * Who may work beside whom, in all files of a run. What keeps the processors busy goes in the order
 * in which it was asked for: a cell's container starts while the one before it is warmed up, and no other.
 * The first cell of a run starts alone, since its reader waits.
 */
export class Turns {
  private readonly parts: Readonly<Record<BusyPart, Queue>> = {
    start: new Queue(1, 2),
    container: new Queue(1),
    'warm-up': new Queue(1),
  };
  private atWork = 0;
  private isAlone = false;
  private readonly waiting: { company: Company; go: (end: EndOfTurn) => void }[] = [];

  /** Settles when it is the turn of whoever asked. */
  take(turn: BusyPart | Company): Promise<EndOfTurn> {
    if (turn in this.parts) return this.parts[turn as BusyPart].take();
    return new Promise((go) => {
      this.waiting.push({ company: turn as Company, go });
      this.next();
    });
  }

  private next(): void {
    if (this.isAlone) return;
    for (const it of this.waiting.filter(({ company }) => company === 'beside others')) {
      this.atWork++;
      this.begin(it, () => this.atWork--);
    }
    if (this.atWork > 0) return;
    const it = this.waiting.find(({ company }) => company === 'alone') ?? this.waiting[0];
    if (!it) return;
    this.isAlone = true;
    this.begin(it, () => {
      this.isAlone = false;
    });
  }

  private begin(it: Turns['waiting'][number], end: () => void): void {
    this.waiting.splice(this.waiting.indexOf(it), 1);
    it.go(() => {
      end();
      this.next();
    });
  }
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

  async take(): Promise<EndOfTurn> {
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
