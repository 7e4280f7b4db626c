import type { Readable } from 'node:stream';
import type { Engine } from './engine.ts';

/**
 * Waits until a container has ended, or the engine does not answer any more.
 *
 * @param over ends the waiting: the promise then never settles.
 * @returns what happened, in words that follow the container's name: `ended with exit code 137`.
 */
export async function containerEnd(engine: Engine, id: string, over: AbortSignal): Promise<string> {
  const { dockerode } = engine.container;
  const filters = { container: [id], event: ['die'] };
  try {
    for (;;) {
      // Not `wait`: if the connection is cut off, docker-modem never settles that promise, but a stream ends.
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
  return statusCode === 404 ? 'was removed' : `could not be checked: the engine does not answer (${message})`;
}
