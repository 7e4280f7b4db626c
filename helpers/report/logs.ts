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

/** Where all of what was seen in a test is, for people; without evidence no logs were kept. */
export function whereItStands(
  name: string,
  { evidence }: { readonly evidence?: object | undefined },
): string {
  const results = join(REPORTS, 'results.json');
  return evidence ? `${logsFolder(name)} and ${results}` : results;
}

/** The folder for the logs of a test. */
function logsFolder(name: string): string {
  return join(REPORTS, 'logs', name.replaceAll(/[^\w.]+/g, '-'));
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
