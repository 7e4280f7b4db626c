import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { REPORTS, saveLogs, whereItStands } from '../../helpers/report/logs.ts';
import { recorded } from './recorded/index.ts';

const LOGS = join(REPORTS, 'logs');
const seen = recorded('event-1x25');
const once = { earlier: [], evidence: {} };
const again = { earlier: ['inconclusive'], evidence: {} };

/** A name that no other test has; what is kept under it goes with the test. */
function named(rest: string): string {
  const unique = randomUUID();
  onTestFinished(async () => {
    const kept = (await readdir(LOGS).catch(() => [])).filter((it) => it.includes(unique));
    await Promise.all(kept.map((it) => rm(join(LOGS, it), { recursive: true })));
  });
  return `${unique} ${rest}`;
}

/** The folders that a message names. */
function folders(name: string, record: typeof once | typeof again): string[] {
  return whereItStands(name, record)
    .split(' and ')
    .filter((it) => it.startsWith(LOGS));
}

test('the logs of a second execution are kept beside those of the first', async () => {
  const name = named('event 1 × 25: clean');
  await saveLogs(name, once, seen);
  await saveLogs(name, again, seen);
  const all = folders(name, again);
  expect(all).toHaveLength(2);
  for (const folder of all) expect(await readdir(folder)).toContain('application.log');
});

test('a name that is longer than a file system takes', async () => {
  const names = ['one', 'two'].map((end) => named(`${'very long '.repeat(40)}${end}`));
  for (const name of names) await saveLogs(name, once, seen);
  for (const folder of names.flatMap((name) => folders(name, again))) {
    expect(Buffer.byteLength(basename(folder))).toBeLessThanOrEqual(255);
  }
  expect(await readdir(folders(names[0] as string, once)[0] as string)).toContain('broker.log');
});

test('logs that cannot be kept are a line of output, and nothing else', async () => {
  const name = named('x');
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await mkdir(LOGS, { recursive: true });
  await writeFile(folders(name, once)[0] as string, 'in the way');
  await saveLogs(name, once, seen);
  expect(error).toHaveBeenCalledWith(expect.stringMatching(`^the logs of ${name} could not be kept: EEXIST`));
});
