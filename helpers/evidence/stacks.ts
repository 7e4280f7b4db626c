/** The Python frames that a native thread was in. */
export interface ThreadStack {
  readonly pid: number;
  /** Innermost first: `wait (eventlet/hubs/poll.py:77)`. */
  readonly frames: readonly string[];
}

const INNERMOST = 6;

/**
 * Reads what Python's faulthandler writes for each native thread of a process, innermost frame first
 * (https://docs.python.org/3/library/faulthandler.html). Threads without Python frames are left out, such as those that
 * wait for a request in the server's own code.
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
      const [, file = '', number, name] = /^ {2}File "(.*)", line (\d+) in (.*)$/.exec(line) ?? [];
      if (name === undefined || !frames || frames.length === INNERMOST) continue;
      frames.push(`${name} (${file.replace(/^.*\/(dist-packages|python3\.\d+)\//, '')}:${number})`);
    }
  }
  return stacks.filter((stack) => stack.frames.length > 0);
}
