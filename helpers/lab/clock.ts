/** How far the clock of the containers' machine is ahead of this process's clock. */
export interface ClockReading {
  readonly aheadMs: number;
  /** The largest error of the reading: half of its round trip. */
  readonly uncertaintyMs: number;
}

/** The number of readings at most. The one with the shortest round trip is used. */
const MOST_READINGS = 12;
/** A reading with this uncertainty is good enough, milliseconds. */
const GOOD_ENOUGH_MS = 3;

/**
 * The clock of the containers' machine. Logs and frames use that clock, so this process converts the times of its own
 * observations to it. If the engine runs in a virtual machine or on another machine, this machine's clock may differ by
 * seconds, and may be set during a run.
 */
export class ContainersClock {
  private aheadMs = 0;

  /** @param timeThere gives the time there, milliseconds since the epoch. */
  constructor(private readonly timeThere: () => Promise<number>) {}

  /** Milliseconds since the epoch, by the last reading of {@link adjust}. It does not jump between readings. */
  readonly now = (): number => Math.round(steadyNow() + this.aheadMs);

  /** Reads that clock for {@link now}. */
  async adjust(): Promise<ClockReading> {
    const reading = await this.read();
    this.aheadMs = reading.aheadMs;
    return reading;
  }

  /** Reads the time there several times, each between two readings of this process's clock. */
  async read(): Promise<ClockReading> {
    let best: ClockReading = { aheadMs: 0, uncertaintyMs: Number.POSITIVE_INFINITY };
    for (let reading = 0; reading < MOST_READINGS && best.uncertaintyMs > GOOD_ENOUGH_MS; reading++) {
      const asked = steadyNow();
      const there = await this.timeThere();
      const answered = steadyNow();
      const uncertaintyMs = (answered - asked) / 2;
      if (uncertaintyMs < best.uncertaintyMs)
        best = { aheadMs: there - (asked + answered) / 2, uncertaintyMs };
    }
    return best;
  }
}

/** Milliseconds since the epoch, by the machine's clock at the start of this process plus the time since then. */
function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}
