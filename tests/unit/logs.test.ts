import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ANY_MARKER } from '../../helpers/config/probe.ts';
import {
  operatorFolder,
  REPORTS,
  saveLogs,
  saveOperatorLogs,
  whereSaved,
} from '../../helpers/report/results/logs.ts';
import { recorded } from './recorded/index.ts';

const LOGS = join(REPORTS, 'logs');
const seen = recorded('event-1x25');

/** The first and the second execution of a row whose id no other test has. Its logs are removed after the test. */
function executions() {
  const id = `test/${randomUUID()}`;
  onTestFinished(() => rm(join(LOGS, id), { recursive: true, force: true }));
  onTestFinished(() => rm(join(LOGS, `${id}-again`), { recursive: true, force: true }));
  const verdict = { kind: 'inconclusive', cause: 'blind instrument', reason: 'x' } as const;
  return {
    once: { id, earlier: [], evidence: {} },
    again: { id, earlier: [{ verdict }], evidence: {} },
  };
}

/** The folders that a message names. */
function folders(record: Parameters<typeof whereSaved>[0]): string[] {
  return whereSaved(record)
    .split(' and ')
    .filter((line) => line.startsWith(LOGS));
}

test('the logs of a second execution are saved beside those of the first', async () => {
  const { once, again } = executions();
  await saveLogs(once, seen);
  await saveLogs(again, seen);
  const both = folders(again);
  expect(both).toEqual([join(LOGS, once.id), join(LOGS, `${once.id}-again`)]);
  for (const folder of both) expect(await readdir(folder)).toContain('application.log');
  expect(folders(once)).toEqual(both.slice(0, 1));
});

test('an operator’s logs end with the window, and have none of the suite’s markers', async () => {
  const { once, again } = executions();
  onTestFinished(() => rm(operatorFolder(once), { recursive: true, force: true }));
  await saveOperatorLogs(once, seen);
  await saveOperatorLogs(again, seen);
  const read = async (file: string) => (await readFile(join(operatorFolder(once), file), 'utf8')).split('\n');
  const [application, broker] = await Promise.all([read('application.log'), read('broker.log')]);
  const { lines, after } = seen.applicationLog;
  expect(application.filter((line) => ANY_MARKER.test(line))).toEqual([]);
  expect(lines.slice(0, after.first)).toEqual(expect.arrayContaining(application.slice(0, -1)));
  expect(broker.length).toBeLessThanOrEqual((seen.brokerLog.endMarker ?? 0) + 1);
  expect(seen.brokerLog.lines).toEqual(expect.arrayContaining(broker.slice(0, -1)));
});

test('a row that was not executed has no logs', () => {
  const { once } = executions();
  expect(folders({ ...once, evidence: undefined })).toEqual([]);
});

test('a first execution that came to no end has no logs', () => {
  const { once } = executions();
  const notExecuted = { kind: 'inconclusive', cause: 'not executed', reason: 'x' } as const;
  expect(folders({ ...once, earlier: [{ verdict: notExecuted }] })).toEqual([join(LOGS, `${once.id}-again`)]);
});

test('logs that cannot be saved are a line of output, and nothing else', async () => {
  const { once } = executions();
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => error.mockRestore());
  await mkdir(join(LOGS, 'test'), { recursive: true });
  await writeFile(join(LOGS, once.id), 'in the way');
  await saveLogs(once, seen);
  expect(error).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(`${once.id} .*EEXIST`));
});
