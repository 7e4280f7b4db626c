import type { Readable } from 'node:stream';
import type { Engine } from './engine.ts';

/**
 * Waits until a container does not run any more, or the engine cannot be asked about it.
 *
 * @param over ends the waiting: the promise then never settles.
 * @returns how it came, in words that follow its name: `ended with exit code 137`.
 */
export async function containerEnd(engine: Engine, id: string, over: AbortSignal): Promise<string> {
  const { dockerode } = engine.container;
  const filters = { container: [id], event: ['die'] };
  try {
    for (;;) {
      // Of `wait`, docker-modem's promise stays as it is where the connection is cut off; of a stream, that is its end.
      const events = (await dockerode.getEvents({ filters })) as Readable;
      const close = () => events.destroy();
      over.addEventListener('abort', close);
      if (over.aborted) close();
      const { State } = await dockerode.getContainer(id).inspect();
      if (!State.Running) return `ended with exit code ${State.ExitCode}`;
      await new Promise<void>((resolve) => {
        events.on('data', close).on('error', close).on('close', resolve);
        if (events.closed) resolve();
      });
      over.removeEventListener('abort', close);
      if (over.aborted) break;
    }
  } catch (error) {
    if (!over.aborted) return wordsOf(error as Error & { statusCode?: number });
  }
  return new Promise(() => undefined);
}

function wordsOf({ statusCode, message }: Error & { readonly statusCode?: number }): string {
  return statusCode === 404 ? 'was removed' : `cannot be asked for: the engine does not answer (${message})`;
}
