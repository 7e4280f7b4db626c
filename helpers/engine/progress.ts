import { channel } from 'node:diagnostics_channel';

/** What a long step of the set-up is at just now; without `at` it has ended. */
export interface SetUpProgress {
  readonly step: string;
  readonly at?: string | undefined;
  /** How many of its parts are done, where they are counted. */
  readonly done?: number | undefined;
  readonly of?: number | undefined;
}

/** Is told what a step is at, in a few words. */
export type At = (words: string, parts?: { done: number; of: number }) => void;

const set = channel('mpm-heartbeat.set-up');

/**
 * Does a long piece of work, and tells whoever listens what it is at.
 *
 * A diagnostics channel carries it: set-up and reporters share a process, but Vitest loads each with
 * a module graph of its own.
 *
 * @param work is given a function that it tells what it is at, in a few words.
 */
export async function withProgress<T>(step: string, work: (at: At) => Promise<T>): Promise<T> {
  const publish = (it: SetUpProgress) => set.publish(it);
  publish({ step, at: '' });
  try {
    return await work((words, parts) => publish({ step, at: words, ...parts }));
  } finally {
    publish({ step });
  }
}

/** Listens to the long steps of this process's set-up. @returns what ends that. */
export function listenToSetUp(listener: (progress: SetUpProgress) => void): () => void {
  const onMessage = (message: unknown) => listener(message as SetUpProgress);
  set.subscribe(onMessage);
  return () => void set.unsubscribe(onMessage);
}

const lost = channel('mpm-heartbeat.lost');

/** Tells the reporters, in a sentence, why a run ends before everything was executed. */
export function emitLost(why: string): void {
  lost.publish(why);
}

/** Listens to why the run ends early. @returns what ends that. */
export function listenToLost(listener: (why: string) => void): () => void {
  const onMessage = (message: unknown) => listener(message as string);
  lost.subscribe(onMessage);
  return () => void lost.unsubscribe(onMessage);
}
