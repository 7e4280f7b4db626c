import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observation } from '../evidence/observation.ts';

/** Where everything that a run writes goes. */
export const REPORTS = 'reports';

/** What of a record says where its logs are. */
interface Executed {
  readonly earlier: readonly unknown[];
  readonly evidence?: object | undefined;
}

/**
 * Saves the logs that a cell was judged by, those of a second execution beside those of the first. Whether they can be
 * kept has nothing to do with what was seen: a failure is a line of output.
 */
export async function saveLogs(name: string, { earlier }: Executed, seen: Observation): Promise<void> {
  const folder = logsFolder(name, earlier.length);
  const files = {
    'application.log': seen.applicationLog.lines,
    'broker.log': seen.brokerLog.lines,
    'server-error.log': seen.serverErrorLog.lines,
    'frames.tsv': seen.capture.lines,
  };
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all(Object.entries(files).map(([file, all]) => writeFile(join(folder, file), lines(all))));
  } catch (error) {
    // biome-ignore lint/suspicious/noConsole: a worker has no other way to the user
    console.error(`the logs of ${name} could not be kept: ${(error as Error).message}`);
  }
}

/** Where all of what was seen in a test is, for people; without evidence no logs were kept. */
export function whereItStands(name: string, { earlier, evidence }: Executed): string {
  const results = join(REPORTS, 'results.json');
  if (!evidence) return results;
  const folders = [...earlier, evidence].map((_, execution) => logsFolder(name, execution));
  return [...folders, results].join(' and ');
}

/** File systems take 255 bytes. */
const MOST_CHARACTERS = 200;

/** The folder for the logs of a test. @param execution 0 for the first. */
function logsFolder(name: string, execution: number): string {
  const words = name.replaceAll(/[^\w.]+/g, '-');
  // Long names may differ in their ends only.
  const unique = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const folder = words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS)}-${unique}` : words;
  return join(REPORTS, 'logs', execution === 0 ? folder : `${folder}-again`);
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
