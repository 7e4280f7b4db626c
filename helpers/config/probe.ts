/** The probe's own routes and files, whatever application it wraps (containers/probe). */
export const probe = {
  routes: {
    /**
     * Writes `marker TOKEN of process PID` to the application's log and the server's error log, and reports the process.
     * It logs through the heartbeat's logger, and occupies its native thread for `seconds`.
     */
    marker: '/probe/marker',
    /** Yields for a moment, and publishes nothing. */
    yield: '/probe/yield',
  },
  /** The file in the container to which `kill -USR2` makes a process write the Python stacks of all its native threads. */
  stacks: '/var/log/probe/stacks.log',
} as const;

/** The marker of one process; no other text in a log contains it. */
export function markerOf(token: string, pid: number): string {
  return `marker ${token} of process ${pid}`;
}

/** Matches a line that ends with any marker. */
export const ANY_MARKER = /\bmarker [\w-]+ of process \d+$/;
