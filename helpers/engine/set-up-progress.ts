import { channel } from 'node:diagnostics_channel';

/** What a long step of the set-up is doing now; without `at` the step has ended. */
export interface SetUpProgress {
  readonly step: string;
  readonly at?: string | undefined;
  /** How many of its parts are done, if they are counted. */
  readonly done?: number | undefined;
  readonly of?: number | undefined;
}

/** Called with what a step is doing, in a few words. */
export type At = (words: string, parts?: { done: number; of: number }) => void;

/** Diagnostics channels, because set-up and reporters share a process, but Vitest loads each in its own module graph. */
const setUp = channel('mpm-heartbeat.set-up');
const lost = channel('mpm-heartbeat.lost');

/** Does a long piece of work, and publishes what it is doing to {@link listenToSetUp}. */
export async function withProgress<T>(step: string, work: (at: At) => Promise<T>): Promise<T> {
  const publish = (progress: SetUpProgress) => setUp.publish(progress);
  publish({ step, at: '' });
  try {
    return await work((words, parts) => publish({ step, at: words, ...parts }));
  } finally {
    publish({ step });
  }
}

/** Calls `listener` with the progress of this process's set-up. @returns a function that ends this. */
export function listenToSetUp(listener: (progress: SetUpProgress) => void): () => void {
  return listenTo(setUp, listener);
}

/** Publishes, in a sentence, why a run ends early. */
export function emitLost(why: string): void {
  lost.publish(why);
}

/** Calls `listener` with the reason why the run ends early. @returns a function that ends this. */
export function listenToLost(listener: (why: string) => void): () => void {
  return listenTo(lost, listener);
}

function listenTo<T>(source: typeof lost, listener: (message: T) => void): () => void {
  const onMessage = (message: unknown) => listener(message as T);
  source.subscribe(onMessage);
  return () => void source.unsubscribe(onMessage);
}
