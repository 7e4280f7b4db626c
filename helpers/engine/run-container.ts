import { GenericContainer } from 'testcontainers';
import type { Engine } from './engine.ts';

/** Carried by every container, network and volume of a run; its value is the run's id. */
export const RUN_LABEL = 'mpm-heartbeat.run';

/**
 * A container that belongs to one run: labelled for its reaper, and published on the loopback
 * address only, unless the engine is on another machine.
 *
 * Testcontainers' own reaper is shared by all processes of a user, so that one run that is killed
 * would keep its containers as long as another goes on; here each run has its own (see reaper.ts).
 */
export class RunContainer extends GenericContainer {
  constructor(
    image: string,
    private readonly engine: Engine,
    runId: string,
  ) {
    super(image);
    this.withAutoCleanup(false).withLabels({ [RUN_LABEL]: runId });
  }

  protected override async beforeContainerCreated(): Promise<void> {
    if (!isLocal(this.engine)) return;
    for (const bindings of Object.values(this.hostConfig.PortBindings ?? {})) {
      for (const binding of bindings as { HostIp?: string }[]) binding.HostIp = '127.0.0.1';
    }
  }
}

function isLocal(engine: Engine): boolean {
  return ['localhost', '127.0.0.1', '::1'].includes(engine.info.containerRuntime.host);
}
