/** A container, server, broker or program failed, or a row's own work took too long. The message says what happened. */
export class LabError extends Error {
  override readonly name = 'LabError';
}
