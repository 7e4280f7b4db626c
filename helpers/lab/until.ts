import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './lab-error.ts';

/**
 * Waits until `condition` gives something other than undefined, asking every `everyMs`.
 *
 * @throws LabError that says what was awaited, and the last error of `condition`, after `limitMs`.
 */
export async function until<T>(
  awaited: string,
  limitMs: number,
  condition: () => Promise<T | undefined> | T | undefined,
  everyMs = 50,
): Promise<T> {
  const began = performance.now();
  let last: unknown;
  while (performance.now() - began < limitMs) {
    try {
      const result = await condition();
      if (result !== undefined) return result;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  const because = last instanceof Error ? ` (${last.message})` : '';
  throw new LabError(`waited ${limitMs / 1000} s for ${awaited}${because}`);
}
