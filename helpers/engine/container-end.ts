import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from 'dockerode';
import type { Engine } from './engine.ts';

/** How often the engine is asked, milliseconds. */
const ASK_EACH_MS = 1000;

/**
 * Waits until a container does not run any more, or the engine cannot be asked about it. It is asked now and then: an
 * answer that is long in coming would keep this process, and may be cut off between here and there.
 *
 * @param stop ends the waiting; the promise then stays as it is.
 * @returns how it came, in words that follow its name: `ended with exit code 137`.
 */
export async function containerEnd(engine: Engine, id: string, stop: AbortSignal): Promise<string> {
  const container = engine.container.dockerode.getContainer(id);
  for (;;) {
    await sleep(ASK_EACH_MS, undefined, { ref: false });
    const how = stop.aborted ? undefined : await endOf(container);
    if (stop.aborted) return new Promise(() => undefined);
    if (how !== undefined) return how;
  }
}

async function endOf(container: Container): Promise<string | undefined> {
  try {
    const { State } = await container.inspect();
    return State.Running ? undefined : `ended with exit code ${State.ExitCode}`;
  } catch (error) {
    const { statusCode, message } = error as Error & { statusCode?: number };
    return statusCode === 404
      ? 'was removed'
      : `cannot be asked for: the engine does not answer (${message})`;
  }
}
