import { availableParallelism, cpus } from 'node:os';

/** What a run had to itself. */
export interface Machine {
  /** CPUs that the suite may use; the containers have the same. */
  readonly cpus: number;
  /** The processor's name; missing where the system does not say. */
  readonly model?: string | undefined;
  /** `linux x64`. */
  readonly system: string;
}

/** The machine that this runs on. */
export function thisMachine(): Machine {
  const model = cpus()[0]?.model.trim();
  return {
    cpus: availableParallelism(),
    ...(model && model !== 'unknown' ? { model } : {}),
    system: `${process.platform} ${process.arch}`,
  };
}
