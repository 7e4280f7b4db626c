import { uwsgiConfiguration } from './configuration.ts';
import { ServerContainer, type Serving, StartedServerContainer } from './server-container.ts';

/** uWSGI with the application, and no Apache. */
export class UwsgiContainer extends ServerContainer {
  constructor(serving: Serving) {
    super(serving);
    this.withEnvironment({ SERVER_CONFIGURATION: uwsgiConfiguration(serving.deployment) });
  }

  override async start(): Promise<StartedUwsgiContainer> {
    return new StartedUwsgiContainer(await this.startedContainer(), this.serving);
  }
}

/** A container whose uWSGI has been started. */
export class StartedUwsgiContainer extends StartedServerContainer {
  /** There are none. */
  override async loadedMpms(): Promise<string[]> {
    return [];
  }
}
