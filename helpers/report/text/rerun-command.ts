import { basename } from 'node:path';
import { AFTER_ID } from '../../rows/row-id.ts';

/** The npm script that executes the rows of a test file; undefined: the file has no rows of the table. */
export function scriptOf(file: string): string | undefined {
  const name = basename(file, '.test.ts');
  if (name === 'throughput') return name;
  if (name === 'table-debian-testing') return 'table:debian-testing';
  return /^(heartbeat|table-.*)$/.test(name) ? 'table' : undefined;
}

/**
 * The command that executes a row again.
 *
 * Vitest searches the names of tests for the text after `-t`. No other name has the id with {@link AFTER_ID}. A shell
 * needs no quotes around an id.
 *
 * @param file with the row's test.
 */
export function rerunCommand(file: string, id: string): string {
  const script = scriptOf(file);
  const command = script ? `npm run ${script} --` : `npx vitest run --project acceptance ${file}`;
  return `${command} -t ${id}${AFTER_ID}`;
}
