/**
 * Conditions without which a run's verdict means nothing. verdict/preconditions.ts checks them.
 *
 * - `requests miss the heartbeat’s thread`: in a process of several threads, no request returned to the thread that
 *   opened the connection. Such a request would let a green heartbeat run and log, and it is luck whether there is one.
 * - `one request at a time`: two requests never met in a process, so each process has the connections of one request.
 * - `standard library’s log lock`: oslo.log has not replaced this lock by its own lock on a pipe.
 */
export type PreconditionName =
  | 'requests miss the heartbeat’s thread'
  | 'one request at a time'
  | 'standard library’s log lock';
