import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromUser } from '../../config/part-files.ts';
import { ANY_MARKER } from '../../config/probe.ts';
import type { Observation } from '../../evidence/observation.ts';
import type { RowRecord } from '../../record/record.ts';

/** The folder of everything that a run writes. */
export const REPORTS = 'reports';

/** The part of a record that decides where its logs are. */
type Executed = Pick<RowRecord, 'id'> & {
  readonly earlier: readonly Pick<RowRecord['earlier'][number], 'verdict'>[];
  readonly evidence?: object | undefined;
};

/**
 * Saves the logs that a row was judged by, in a folder for each execution.
 *
 * An error is printed and not thrown, because it does not change what was observed.
 */
export async function saveLogs(record: Executed, seen: Observation): Promise<void> {
  await save(record, logsFolder(record, record.earlier.length), {
    'application.log': seen.applicationLog.lines,
    'broker.log': seen.brokerLog.lines,
    'server-error.log': seen.serverErrorLog.lines,
    'frames.tsv': seen.capture.lines,
  });
}

/**
 * Saves the two logs that the operator of a row's deployment would have, of its last execution: from its start to the
 * end of the window, without the suite's markers.
 */
export async function saveOperatorLogs(record: Executed, seen: Observation): Promise<void> {
  const { applicationLog, brokerLog } = seen;
  const logs: Record<OperatorLog, string[]> = {
    'application.log': applicationLog.lines
      .slice(0, applicationLog.after.first)
      .filter((line) => !ANY_MARKER.test(line)),
    'broker.log': brokerLog.lines.slice(0, brokerLog.endMarker).filter((line) => !BROKER_MARKER.test(line)),
  };
  await save(record, operatorFolder(record), logs);
}

/** The suite's marker in the broker's log is the name of a connection. */
const BROKER_MARKER = /\bmarker-[0-9a-f-]{36}/;

/** The logs that an operator has. */
export const operatorLogs = ['application.log', 'broker.log'] as const;
type OperatorLog = (typeof operatorLogs)[number];

/** The folder of {@link operatorLogs} of a row, in a folder of reports. */
export function operatorFolder({ id }: Pick<RowRecord, 'id'>, reports = REPORTS): string {
  return join(reports, 'operator', id);
}

async function save(
  { id }: Executed,
  folder: string,
  files: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all(Object.entries(files).map(([file, all]) => writeFile(join(folder, file), lines(all))));
  } catch (error) {
    // biome-ignore lint/suspicious/noConsole: a worker has no other way to the user
    console.error(`the logs of ${id} could not be saved: ${(error as Error).message}`);
  }
}

/** The folders and the file that have everything about a row. An execution that came to no end has no logs. */
export function whereSaved(record: Executed): string {
  const results = join(REPORTS, 'results.json');
  if (!record.evidence) return fromUser(results);
  const hasLogs = [...record.earlier.map(({ verdict }) => !isNotExecuted(verdict)), true];
  const folders = hasLogs.flatMap((has, execution) => (has ? logsFolder(record, execution) : []));
  return [...folders, results].map(fromUser).join(' and ');
}

function isNotExecuted(verdict: RowRecord['verdict']): boolean {
  return verdict.kind === 'inconclusive' && verdict.cause === 'not executed';
}

/** @param execution 0 for the first. */
function logsFolder({ id }: Executed, execution: number): string {
  return join(REPORTS, 'logs', execution === 0 ? id : `${id}-again`);
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
