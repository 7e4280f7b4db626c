/** An instrument says something that is not understood: nothing can be concluded from it. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}
