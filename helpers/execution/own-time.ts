import { LabError } from '../lab/lab-error.ts';
import type { TakeSlot } from './started-deployment.ts';

/**
 * Limits the time of `work` to `limitMs`. Time that it waits for a slot does not count. Late work is not aborted, so
 * the caller must free what it holds.
 *
 * @param work must take its slots with the function that it receives.
 * @throws LabError when `work` has taken `limitMs`, without its waits for slots.
 */
export async function withinOwnTime<T>(
  limitMs: number,
  takeSlot: TakeSlot,
  work: (takeSlot: TakeSlot) => Promise<T>,
): Promise<T> {
  let reject: (error: Error) => void = () => undefined;
  const late = new Promise<never>((_resolve, rejects) => {
    reject = rejects;
  });
  let leftMs = limitMs;
  let waiting = 0;
  let since = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const run = () => {
    since = performance.now();
    timer = setTimeout(() => reject(new LabError(`it took more than ${limitMs / 1000} s`)), leftMs);
  };
  const pause = () => {
    clearTimeout(timer);
    leftMs -= performance.now() - since;
  };
  const takeInOwnTime: TakeSlot = async (part, partOfWork) => {
    if (waiting++ === 0) pause();
    return takeSlot(part, () => {
      if (--waiting === 0) run();
      return partOfWork();
    });
  };
  run();
  return Promise.race([work(takeInOwnTime), late]).finally(() => clearTimeout(timer));
}
