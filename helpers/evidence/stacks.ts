/** Where a native thread stood. */
export interface ThreadStack {
  readonly pid: number;
  /** Python frames, innermost first: `wait (eventlet/hubs/poll.py:77)`. */
  readonly frames: readonly string[];
}

const INNERMOST = 6;

/**
 * Reads what Python's faulthandler writes for each native thread of a process, innermost frame first
 * (https://docs.python.org/3/library/faulthandler.html). Threads that stand in no Python code, as
 * those that wait for a request in the server's own, are left out, and so is the one that the signal
 * woke, if it is one of them.
 */
export function parseStacks(text: string): ThreadStack[] {
  const stacks: { pid: number; frames: string[] }[] = [];
  let pid = 0;
  let frames: string[] | undefined;
  for (const line of text.split('\n')) {
    const process = /^process (\d+)$/.exec(line);
    if (process) {
      pid = Number(process[1]);
    } else if (/^(Current thread|Thread) 0x/.test(line)) {
      frames = [];
      stacks.push({ pid, frames });
    } else {
      const frame = /^ {2}File "(.*)", line (\d+) in (.*)$/.exec(line);
      if (frame && frames && frames.length < INNERMOST) {
        frames.push(
          `${frame[3]} (${(frame[1] as string).replace(/^.*\/(dist-packages|python3\.\d+)\//, '')}:${frame[2]})`,
        );
      }
    }
  }
  return stacks.filter((stack) => stack.frames.length > 0);
}
