import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './lab-error.ts';

/** The pause between two checks of a condition. */
const PAUSE_MS = 50;

/**
 * Waits until `condition` gives something other than undefined. The limit also applies to a `condition` that does not settle.
 *
 * @throws LabError after `limitMs`, with what was awaited and the last error of `condition`.
 */
export async function until<T>(
  awaited: string,
  limitMs: number,
  condition: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown;
  for (let left = limitMs; left > 0; left = deadline - performance.now()) {
    try {
      const result = await before(left, (async () => condition())(), () => undefined);
      if (result !== undefined) return result;
    } catch (error) {
      last = error;
    }
    await sleep(PAUSE_MS);
  }
  const because = last instanceof Error ? ` (${last.message})` : '';
  throw inVain(awaited, limitMs, because);
}

/**
 * Waits for `work`, at most `limitMs`. Late work is not ended, so its caller must free what it uses.
 *
 * @throws LabError after `limitMs`, with what was awaited.
 */
export function within<T>(awaited: string, limitMs: number, work: Promise<T>): Promise<T> {
  return before(limitMs, work, () => {
    throw inVain(awaited, limitMs);
  });
}

function inVain(awaited: string, limitMs: number, because = ''): LabError {
  return new LabError(`waited ${limitMs / 1000} s for ${awaited}${because}`);
}

async function before<T, Late>(limitMs: number, work: Promise<T>, late: () => Late): Promise<T | Late> {
  const settled = new AbortController();
  const limit = sleep(limitMs, undefined, { signal: settled.signal }).then(late);
  return Promise.race([work, limit]).finally(() => settled.abort());
}
