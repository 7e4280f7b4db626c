import { setTimeout as sleep } from 'node:timers/promises';

/** Apache logs an answer a moment after the client has it. */
const LIMIT_MS = 2000;
const LOOK_MS = 50;
/** A process whose quota is used up goes on within 0.1 s, the period of the kernel's scheduler. */
const QUIET_MS = 200;

/** How many lines there will be: `exactly` as many or, where that is not known, `atLeast` as many. */
export type Awaited = { readonly exactly: number } | { readonly atLeast: number };

/**
 * Reads a log until it has the lines that are awaited, or for two seconds. Where their number is not known, it must
 * also have stopped growing.
 *
 * @param read all that the log has got since the last time.
 * @returns the lines that are complete.
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
