import { Wait } from 'testcontainers';
import type { Engine } from '../engine/engine.ts';
import { RunContainer } from '../engine/run-container.ts';

/** The container of the client programs `ab` and `nova`, on the run's network. It runs as long as the run. */
export class ClientContainer extends RunContainer {
  constructor(image: string, engine: Engine, runId: string, network: string) {
    super(image, engine, runId);
    this.withNetworkMode(network).withWaitStrategy(Wait.forAll([]));
  }
}
