import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { folderWith } from './fixtures/folder.ts';
import { authenticatedLine, dropLines, nameOf, openLine } from './fixtures/made-up-lines.ts';

const client = ['mod_wsgi', 18, 1, '10.0.0.77'] as const;
const opened = (time: string) => openLine(time, ...client);
const dropped = dropLines('03:00:00', ...client);

const text = (...lines: readonly string[]) => `${lines.join('\n')}\n`;
const folder = folderWith(
  {
    'healthy.log': text(opened('02:00:00')),
    'night.log': text(
      authenticatedLine('02:00:00', nameOf('mod_wsgi', 18, 1), '10.0.0.77:40001'),
      ...dropped,
      opened('07:30:00'),
    ),
    'unknown.log': 'hello\n',
    'mixed.log': text('from customer-7 at 203.0.113.7', ...dropped),
  },
  afterAll,
);
const [healthy, night, unknown, mixed] = ['healthy', 'night', 'unknown', 'mixed'].map((name) =>
  join(folder, `${name}.log`),
) as [string, string, string, string];

function diagnose(...args: readonly string[]) {
  const options = { reject: false, preferLocal: true, input: readFileSync(night) } as const;
  return execa('tsx', ['scripts/diagnose.ts', ...args], options);
}

test('the exit code says whether anything was found', async () => {
  const [nothing, found, undecided] = await Promise.all([
    diagnose(healthy),
    diagnose(night),
    diagnose(unknown),
  ]);
  expect([nothing.exitCode, found.exitCode, undecided.exitCode]).toEqual([0, 1, 3]);
  expect(found.stdout).toContain('night.log:2');
  expect(found.stdout).toContain('npm run table -- -t article/prefork-8');
});

test('nothing found in a file that ends early is no answer', async () => {
  const cut = join(folder, 'cut.log.gz');
  writeFileSync(cut, gzipSync(`${opened('02:00:00')}\n`.repeat(3000)).subarray(0, -20));
  const { exitCode, stdout } = await diagnose(cut);
  expect(exitCode).toBe(3);
  expect(stdout).toContain('could not be read, or not to the end');
});

test.for([
  [['--zone', 'CET', night], /unknown zone CET/],
  [[join(folder, 'nowhere.log')], /nowhere\.log: no such file/],
  [[], /no file was given/],
  [['--colour', night], /--colour/],
  [['/dev/null'], /neither a file nor a folder/],
] as const)('one line says what is wrong with %j', async ([args, line]) => {
  const { exitCode, stdout, stderr } = await diagnose(...args);
  expect(stderr).toMatch(line);
  expect({ exitCode, stdout, lines: stderr.split('\n').length }).toEqual({
    exitCode: 2,
    stdout: '',
    lines: 1,
  });
});

test('JSON has a version, and neither addresses nor files if they are to be hidden', async () => {
  const { stdout } = await diagnose('--json', '--anonymous', night);
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    outcome: 'found',
    programs: [{ user: 'nova', drops: 1 }],
  });
  expect(stdout).not.toContain('10.0.0.77');
  expect(stdout).not.toContain(folder);
});

test('lines that could not be read show no names if they are to be hidden', async () => {
  const [open, hidden] = await Promise.all([diagnose(mixed), diagnose('--anonymous', mixed)]);
  expect(open.stdout).toContain('customer-7');
  expect(hidden.stdout).not.toMatch(/customer-7|203\.0\.113\.7/);
  expect(hidden.stdout).toContain('not read: 1: aaaa aaaaaaaa-0 aa 000.0.000.0');
});

test('a page is written over a page, and over nothing else', async () => {
  const page = join(folder, 'page.html');
  const before = readFileSync(night, 'utf8');
  const written = await diagnose('--html', page, '--anonymous', night);
  expect([written.exitCode, written.stdout.split('\n').at(-1)]).toEqual([1, `page: ${page}`]);
  const html = readFileSync(page, 'utf8');
  expect(html).toMatch(/^<!doctype html>[\s\S]*Found: 1 connection of 1 program dropped/);
  expect(html).not.toMatch(/10\.0\.0\.77|night\.log/);
  const [again, refused] = await Promise.all([
    diagnose('--json', '--html', page, night),
    diagnose('--html', night, night),
  ]);
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'found' });
  expect(readFileSync(page, 'utf8')).toContain('night.log');
  expect(refused).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringMatching(/night\.log exists, .*give another name$/),
  });
  expect(readFileSync(night, 'utf8')).toBe(before);
});

test('standard input has no name that is to be hidden', async () => {
  const { stdout } = await diagnose('--anonymous', '-');
  expect(stdout).toMatch(/2026-11-26 02:00:00[\s\S]*shown by {2}-:2/);
});
