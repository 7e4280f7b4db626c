import { setTimeout as sleep } from 'node:timers/promises';

/** Apache logs an answer a moment after the client has received it. */
const LIMIT_MS = 2000;
const LOOK_MS = 50;
/** A process that has used up its quota continues within 0.1 s, the period of the kernel's scheduler. */
const QUIET_MS = 200;

/** How many lines to wait for. With `atLeast`, the log must also have stopped growing. */
export type Awaited = { readonly exactly: number } | { readonly atLeast: number };

/**
 * Reads a log until it has the awaited lines, or for two seconds.
 *
 * @param read gives the log's text since the last call of this function.
 * @returns the complete lines.
 */
export async function newLines(read: () => Promise<string>, awaited: Awaited): Promise<string> {
  const began = performance.now();
  let [complete, grewAt] = ['', began];
  for (;;) {
    const text = await read();
    const now = performance.now();
    const seen = text.slice(0, text.lastIndexOf('\n') + 1);
    if (seen.length > complete.length) [complete, grewAt] = [seen, now];
    const lines = complete.split('\n').length - 1;
    const isAll =
      'exactly' in awaited ? lines >= awaited.exactly : lines >= awaited.atLeast && now - grewAt >= QUIET_MS;
    if (isAll || now - began > LIMIT_MS) return complete;
    await sleep(LOOK_MS);
  }
}
