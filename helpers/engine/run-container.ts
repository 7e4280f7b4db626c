import { GenericContainer, type InspectResult } from 'testcontainers';
import { type Engine, EngineError } from './engine.ts';

/** The label of every container, network and volume that a run's reaper removes; its value is the run's id. */
export const RUN_LABEL = 'mpm-heartbeat.run';

/** The labels of a run's containers and networks: the run's id, and the process that owns the run. */
export function runLabels(runId: string): Record<string, string> {
  return { [RUN_LABEL]: runId, 'mpm-heartbeat.process': `${process.pid}` };
}

/**
 * A container that belongs to one run. It is labelled for the run's reaper, and publishes its ports on one address only,
 * unless the engine is on another machine.
 *
 * Testcontainers' own reaper is shared by all processes of a user. A killed run would then keep its containers until the
 * user's other runs end, so each run has its own reaper (see reaper.ts).
 */
export class RunContainer extends GenericContainer {
  constructor(
    image: string,
    private readonly engine: Engine,
    runId: string,
  ) {
    super(image);
    this.withAutoCleanup(false).withLabels(runLabels(runId));
  }

  protected override async beforeContainerCreated(): Promise<void> {
    const { publishedOn } = this.engine;
    if (publishedOn === undefined) return;
    for (const bindings of Object.values(this.hostConfig.PortBindings ?? {})) {
      for (const binding of bindings as { HostIp?: string }[]) binding.HostIp = publishedOn;
    }
  }

  protected override async containerStarting({ ports }: InspectResult): Promise<void> {
    const { publishedOn } = this.engine;
    const elsewhere = Object.values(ports)
      .flat()
      .find(({ hostIp }) => hostIp !== publishedOn);
    if (publishedOn === undefined || !elsewhere) return;
    throw new EngineError(
      `the engine publishes its ports on ${elsewhere.hostIp || 'every address'}, not on ${publishedOn} as requested`,
    );
  }
}
