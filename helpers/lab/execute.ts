import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import type { Engine } from '../engine/engine.ts';
import { type ContainerOutput, demultiplexed } from './container-output.ts';
import { LabError } from './lab-error.ts';
import { until, within } from './until.ts';

/** What a program wrote, and how it ended. */
export interface Executed extends ContainerOutput {
  readonly exitCode: number;
}

export interface ExecuteOptions {
  /** By default the image's. */
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** How long the program may take, milliseconds. */
  readonly limitMs?: number;
  /** Exit codes that are an answer. A program that ends with any other one has failed. */
  readonly exitCodes?: readonly number[] | 'any';
}

/** `ps`, `ss`, `cat`: these take a few milliseconds on a machine that has nothing else to do. */
const LIMIT_MS = 30_000;

/**
 * Runs a program in a container, and gives all that it wrote.
 *
 * Testcontainers' own `exec` (11.14) gives what it has when the engine's stream ends, and some of the output may not
 * have been taken apart by then. It was put right in 12.0.4, which needs a newer Node.js.
 *
 * @throws LabError where the program fails, or takes longer than `limitMs`: it then runs on in its container.
 */
export async function execute(
  engine: Engine,
  containerId: string,
  command: readonly string[],
  { user, environment = {}, limitMs = LIMIT_MS, exitCodes = [0] }: ExecuteOptions = {},
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
      // A stream that breaks off has an end as well.
      finished(stream, { writable: false }),
    ]);
    // The engine may need a moment more to know how the program ended.
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
