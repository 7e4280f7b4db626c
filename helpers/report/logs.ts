import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observation } from '../evidence/observation.ts';

/** Where everything that a run writes goes. */
export const REPORTS = 'reports';

/**
 * Saves the logs that a cell was judged by.
 *
 * @returns the folder.
 */
export async function saveLogs(name: string, seen: Observation): Promise<string> {
  const folder = logsFolder(name);
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(join(folder, 'application.log'), lines(seen.applicationLog.lines)),
    writeFile(join(folder, 'broker.log'), lines(seen.brokerLog.lines)),
    writeFile(join(folder, 'server-error.log'), lines(seen.serverErrorLog.lines)),
    writeFile(join(folder, 'frames.tsv'), lines(seen.capture.lines)),
  ]);
  return folder;
}

/** The folder for the logs of a test. */
export function logsFolder(name: string): string {
  return join(REPORTS, 'logs', name.replaceAll(/[^\w.]+/g, '-'));
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
