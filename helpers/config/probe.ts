/** What the probe answers, whatever application it wraps (containers/probe). */
export const probe = {
  routes: {
    /**
     * Leaves `marker TOKEN of process PID` in the application's log, through the logger of the heartbeat, and in
     * the server's error log; keeps its native thread for `seconds`; and says what the process is.
     */
    mark: '/probe/mark',
    /** Yields for a moment, and publishes nothing. */
    yield: '/probe/yield',
  },
  /** Where `kill -USR2` makes a process write the Python stacks of all its native threads, in the container. */
  stacks: '/var/log/probe/stacks.log',
} as const;

/** The mark that one process leaves; nothing else contains it. */
export function markerOf(token: string, pid: number): string {
  return `marker ${token} of process ${pid}`;
}

/** Any mark, in whatever line it stands. */
export const ANY_MARKER = /\bmarker [\w-]+ of process \d+$/;
