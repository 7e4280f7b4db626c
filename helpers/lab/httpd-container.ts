import { apacheConfiguration } from './configuration.ts';
import { ServerContainer, type Serving, StartedServerContainer } from './server-container.ts';

const ACCESS_LOG = '/var/log/apache2/access.log';

/** Apache httpd with mod_wsgi and the application. */
export class HttpdContainer extends ServerContainer {
  constructor(serving: Serving) {
    super(serving);
    this.withEnvironment({ SERVER_CONFIGURATION: apacheConfiguration(serving.deployment) });
  }

  override async start(): Promise<StartedHttpdContainer> {
    return new StartedHttpdContainer(await this.startedContainer(), this.serving);
  }
}

/** A container whose httpd has been started. */
export class StartedHttpdContainer extends StartedServerContainer {
  /** As `apachectl -M` listed them, before Apache was started with the same configuration. */
  override async loadedMpms(): Promise<string[]> {
    const { stdout } = await this.output();
    return [...stdout.matchAll(/^ mpm_(\w+)_module /gm)].map(([, mpm]) => mpm as string);
  }

  /** Apache's access log from a position in bytes on. */
  async accessLog(from: number): Promise<string> {
    const { stdout, stderr, exitCode } = await this.exec(['tail', '-c', `+${from + 1}`, ACCESS_LOG]);
    if (exitCode !== 0) throw new Error(`Apache’s access log cannot be read: ${stderr.trim()}`);
    return stdout;
  }
}
