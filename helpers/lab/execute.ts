import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import type { Engine } from '../engine/engine.ts';
import { type ContainerOutput, demultiplexed } from './container-output.ts';
import { LabError } from './lab-error.ts';
import { until, within } from './until.ts';

/** The output of a program, and how it ended. */
export interface Executed extends ContainerOutput {
  readonly exitCode: number;
}

/** How a program is executed. */
export interface CommandOptions {
  /** By default the image's. */
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** How long the program may take, milliseconds. */
  readonly limitMs?: number;
  /** Exit codes that count as success; by default 0. */
  readonly exitCodes?: readonly number[] | 'any';
}

/** For programs such as `ps` and `cat`, which take a few milliseconds on an idle machine. */
const LIMIT_MS = 30_000;

/**
 * Runs a program in a container, and returns its whole output.
 *
 * Testcontainers' own `exec` (11.14) may lose the end of the output. It was fixed in 12.0.4, which needs a newer Node.js.
 *
 * @throws LabError if the program fails, or takes longer than `limitMs`. In that case it keeps running in its container.
 */
export async function execute(
  engine: Engine,
  containerId: string,
  command: readonly string[],
  { user, environment = {}, limitMs = LIMIT_MS, exitCodes = [0] }: CommandOptions = {},
): Promise<Executed> {
  const program = command[0] ?? '';
  let cutOff: () => void = () => undefined;
  const work = async () => {
    const exec = await engine.container.getById(containerId).exec({
      Cmd: [...command],
      ...(user !== undefined && { User: user }),
      Env: Object.entries(environment).map((pair) => pair.join('=')),
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: false });
    cutOff = () => stream.destroy();
    const { output, errors } = demultiplexed(engine, stream);
    const [stdout, stderr] = await Promise.all([
      text(output),
      text(errors),
      // Rejects if the stream breaks off; the other two end normally then.
      finished(stream, { writable: false }),
    ]);
    // The engine may know the exit code only a moment later.
    const exitCode = await until(`the exit code of ${program}`, limitMs, async () => {
      const { Running, ExitCode } = await exec.inspect();
      return Running ? undefined : (ExitCode ?? undefined);
    });
    return { stdout, stderr, exitCode };
  };
  const executed = await within(`${program} to end`, limitMs, work()).finally(() => cutOff());
  const { stdout, stderr, exitCode } = executed;
  if (exitCodes !== 'any' && !exitCodes.includes(exitCode)) {
    const said = (stderr.trim() || stdout.trim()).split('\n').at(-1);
    throw new LabError(`${program} ended with exit code ${exitCode}${said ? `: ${said}` : ''}`);
  }
  return executed;
}
