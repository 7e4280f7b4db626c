import { OneLineError } from '../helpers/config/one-line.ts';

/**
 * Runs a command. An error that has one line to show is printed, and ends it with `exitCode`.
 *
 * @param main may be asynchronous; a number that it returns is the exit code.
 * @param name is printed before the line.
 */
export async function runCommand(
  main: () => unknown,
  { name, exitCode = 1 }: { readonly name?: string; readonly exitCode?: number } = {},
): Promise<void> {
  try {
    const code = await main();
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    if (!(error instanceof OneLineError)) throw error;
    console.error(name === undefined ? error.message : `${name}: ${error.message}`);
    process.exitCode = exitCode;
  }
}
