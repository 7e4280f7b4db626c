/** The output of an instrument is not understood, so nothing can be concluded from it. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}
