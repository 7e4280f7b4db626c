/** How far the clock of the containers' machine is ahead of {@link steadyNow}. */
export interface ClockReading {
  readonly aheadMs: number;
  /** How far that may be off: half of the round trip in which it was read. */
  readonly uncertaintyMs: number;
}

/** The shortest round trip of so many counts. */
const MOST_READINGS = 12;
/** No reading needs to be better, milliseconds. */
const GOOD_ENOUGH_MS = 3;

/**
 * The clock of the containers' machine. Logs and frames have its times, and what this process sees is given its time
 * as well: the machine's own clock may differ by seconds, where the engine runs in a virtual machine or elsewhere,
 * and may be set meanwhile.
 */
export class ContainersClock {
  private aheadMs = 0;

  /** @param tell the time there, milliseconds since the epoch. */
  constructor(private readonly tell: () => Promise<number>) {}

  /** Milliseconds since the epoch, by the reading of {@link adjust}. It never jumps meanwhile. */
  readonly now = (): number => Math.round(steadyNow() + this.aheadMs);

  /** Reads that clock, and goes by it from now on. */
  async adjust(): Promise<ClockReading> {
    const reading = await this.read();
    this.aheadMs = reading.aheadMs;
    return reading;
  }

  /** Asks for the time there, each time between two looks at this process's own. */
  async read(): Promise<ClockReading> {
    let best: ClockReading = { aheadMs: 0, uncertaintyMs: Number.POSITIVE_INFINITY };
    for (let reading = 0; reading < MOST_READINGS && best.uncertaintyMs > GOOD_ENOUGH_MS; reading++) {
      const asked = steadyNow();
      const there = await this.tell();
      const told = steadyNow();
      const uncertaintyMs = (told - asked) / 2;
      if (uncertaintyMs < best.uncertaintyMs) best = { aheadMs: there - (asked + told) / 2, uncertaintyMs };
    }
    return best;
  }
}

/** Milliseconds since the epoch, as the machine's clock had it when this process began, and counted on steadily since. */
function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}
