import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseResults, ResultsError } from '../../record/results-schema.ts';
import type { Results } from './results.ts';

/**
 * Reads the file that a run wrote.
 *
 * @param from where a relative path begins.
 * @throws ResultsError with one line that names the file and says why it cannot be used.
 */
export async function readResults(file: string, from = process.cwd()): Promise<Results> {
  try {
    return parseResults(await readFile(resolve(from, file), 'utf8'));
  } catch (error) {
    if (error instanceof ResultsError) throw new ResultsError(`${file}: ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new ResultsError(`${file} cannot be read (${code})`);
  }
}
