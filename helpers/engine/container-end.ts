import type { Engine } from './engine.ts';

/**
 * Waits until a container does not run any more, or the engine cannot be asked about it.
 *
 * @param stop ends the waiting; the promise then stays as it is.
 * @returns how it came, in words that follow its name: `ended with exit code 137`.
 */
export async function containerEnd(engine: Engine, id: string, stop: AbortSignal): Promise<string> {
  const container = engine.container.dockerode.getContainer(id);
  for (;;) {
    try {
      const { StatusCode }: { StatusCode: number } = await container.wait({ abortSignal: stop });
      return ended(StatusCode);
    } catch {
      if (stop.aborted) return new Promise(() => undefined);
    }
    // An answer that is long in coming may be cut off between here and there.
    try {
      const { State } = await container.inspect();
      if (!State.Running) return ended(State.ExitCode);
    } catch (error) {
      const { statusCode, message } = error as Error & { statusCode?: number };
      return statusCode === 404
        ? 'was removed'
        : `cannot be asked for: the engine does not answer (${message})`;
    }
  }
}

function ended(exitCode: number): string {
  return `ended with exit code ${exitCode}`;
}
