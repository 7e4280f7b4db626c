/**
 * Watches whether the machine's clock is set: times of logs and of requests cannot be held against each other then.
 *
 * @returns by how many milliseconds it has been set since.
 */
export function watchClock(): () => number {
  const ahead = () => Date.now() - performance.now();
  const before = ahead();
  return () => Math.round(ahead() - before);
}
