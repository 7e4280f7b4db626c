/** A container, server or broker did not start, answer or stop. The message says which, and what was awaited. */
export class LabError extends Error {
  override readonly name = 'LabError';
}
