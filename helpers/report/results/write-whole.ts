import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OneLineError } from '../../config/one-line.ts';

/** A file that cannot be written; the message is the one line to show. */
export class WriteError extends OneLineError {
  override readonly name = 'WriteError';
}

/**
 * Writes a whole file, or leaves the old one as it was. A missing folder is made.
 *
 * @throws WriteError
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  const part = `${file}.part`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(part, text);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw new WriteError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}
