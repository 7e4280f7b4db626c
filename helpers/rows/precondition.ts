/**
 * What a run must have been like for its verdict to mean anything, whatever the verdict is. verdict/preconditions.ts
 * checks them.
 *
 * - `requests miss the heartbeat’s thread`: no request came back to the thread that opened the connection. A green
 *   heartbeat logs only then; with several threads that is luck.
 * - `one request at a time`: two requests never met in a process, so each process has the connections of one request.
 * - `standard library’s log lock`: oslo.log has not put a lock of its own, on a pipe, in its place.
 */
export const preconditionNames = [
  'requests miss the heartbeat’s thread',
  'one request at a time',
  'standard library’s log lock',
] as const;
export type PreconditionName = (typeof preconditionNames)[number];
