import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { forEachLine, LONGEST_LINE, LogFileError } from '../../helpers/logs/lines.ts';
import { logFiles, withoutRotation } from '../../helpers/logs/log-files.ts';
import { folderWith } from './fixtures/folder.ts';

const folder = folderWith({}, afterAll);

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function linesOf(path: string) {
  const lines: string[] = [];
  const read = await forEachLine(path, (line) => {
    lines.push(line);
  });
  return { ...read, lines };
}

const some = Array.from({ length: 30_000 }, (_, index) => `line ${index} ${'x'.repeat(index % 300)}`);

describe('lines are read', () => {
  test('across chunks, with their numbers', async () => {
    const path = file('many', `${some.join('\n')}\n`);
    const numbers: number[] = [];
    const { lines } = await linesOf(path);
    await forEachLine(path, (_, number) => {
      numbers.push(number);
    });
    expect(lines).toEqual(some);
    expect(numbers.at(-1)).toBe(some.length);
  });

  test.for<[string, content: string | Buffer, lines: string[]]>([
    ['of gzip, whatever the name', gzipSync(some.join('\n')), some],
    ['of several gzip files in one', Buffer.concat([gzipSync('a\nb\n'), gzipSync('c\n')]), ['a', 'b', 'c']],
    ['without a last line break, and with those of Windows', 'a\r\nb\r\nc', ['a', 'b', 'c']],
    ['without a byte order mark', '\ufeffa\n\ufeffb', ['a', '\ufeffb']],
    ['of an empty file', '', []],
    ['of an empty file in gzip', gzipSync(''), []],
    [
      'without the zeros that a crashed host leaves',
      `before\n${'\0'.repeat(5000)}after\n`,
      ['before', 'after'],
    ],
  ])('%s', async ([, content, lines]) => {
    expect((await linesOf(file('some.log', content))).lines).toEqual(lines);
  });

  test('until the reader has enough', async () => {
    const lines: string[] = [];
    await forEachLine(file('enough', some.join('\n')), (line) => lines.push(line) < 3);
    expect(lines).toEqual(some.slice(0, 3));
  });

  test('in UTF-8; what is not UTF-8 is counted', async () => {
    const content = Buffer.concat([
      Buffer.from('süß 日本\n'),
      Buffer.from('s\xfc\xdf\n', 'latin1'),
      Buffer.from('plain\n'.repeat(20)),
    ]);
    const { lines, notUtf8 } = await linesOf(file('latin', content));
    expect(lines.slice(0, 3)).toEqual(['süß 日本', 's\ufffd\ufffd', 'plain']);
    expect(notUtf8).toBe(1);
  });

  test('up to a limit; the rest of a long one is skipped and counted', async () => {
    const long = 'y'.repeat(LONGEST_LINE * 40);
    const { lines, cut } = await linesOf(file('long', `before\n${long}\nafter\n`));
    expect(lines).toEqual(['before', 'y'.repeat(LONGEST_LINE), 'after']);
    expect(cut).toBe(1);
  });
});

describe('one line says why a file cannot be read', () => {
  const binary = Buffer.from(Array.from({ length: 9000 }, (_, index) => (index * 7919) % 256));
  const archive = Buffer.alloc(2048, 'a');
  archive.write('ustar', 257);
  const isRoot = process.getuid?.() === 0;

  const made = (make: (path: string) => void) => {
    const path = join(folder, randomUUID());
    make(path);
    return path;
  };
  const unreadable = (path: string) => {
    writeFileSync(path, 'x');
    chmodSync(path, 0);
  };

  test.for<readonly [string, path: string, why: RegExp]>([
    ['it is not there', join(folder, 'nothing\nhere'), /no such file/],
    ['it is a folder', folder, /a folder/],
    ['it is binary', file('binary', binary), /binary/],
    ['it is binary in gzip', file('binary.gz', gzipSync(binary)), /binary/],
    ['it is an archive in gzip', file('a.tar.gz', gzipSync(archive)), /tar archive/],
    ['it is only zeros', file('zeros', Buffer.alloc(9000)), /binary/],
    ['it is compressed by xz', file('a.xz', Buffer.from('fd377a585a000004', 'hex')), /xz/],
    ['it is a journal', file('a.journal', 'LPKSHHRH and more'), /journalctl/],
    ['it is UTF-16', file('utf16', Buffer.from('\ufeffabc', 'utf16le')), /UTF-16/],
    ['it is a FIFO', made((path) => execFileSync('mkfifo', [path])), /FIFO/],
    ['it is a device', '/dev/null', /neither a file nor a folder/],
    ['it is a link to itself', made((path) => symlinkSync(path, path)), /symbolic link/],
    ...(isRoot ? [] : [['there is no permission', made(unreadable), /no permission/] as const]),
    // Whoever is root may read anything, but not this.
    ...(process.platform === 'linux'
      ? [['reading its first byte fails', '/proc/self/mem', /^\/proc\/self\/mem: ./] as const]
      : []),
  ])('%s', async ([, path, why]) => {
    const error = await linesOf(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LogFileError);
    expect((error as Error).message).toMatch(why);
    expect((error as Error).message).not.toContain('\n');
  });
});

test('a gzip file that is cut off is read up to there, and says so', async () => {
  const whole = gzipSync(some.join('\n'));
  const { lines, complaint } = await linesOf(file('cut.gz', whole.subarray(0, whole.length / 2)));
  expect(lines.length).toBeGreaterThan(1000);
  expect(lines.slice(0, -1)).toEqual(some.slice(0, lines.length - 1));
  expect(complaint).toMatch(/ends early/);
});

test('a gzip file that is damaged is read up to there, and says so', async () => {
  const whole = gzipSync(some.join('\n'));
  whole.fill(0xff, whole.length / 2, whole.length / 2 + 200);
  const { complaint } = await linesOf(file('damaged.gz', whole));
  expect(complaint).toMatch(/damaged/);
});

describe('files of a folder', () => {
  const logs = join(folder, 'logs');
  mkdirSync(join(logs, 'deep'), { recursive: true });
  const day = (number: number) => `2026-11-2${number} 12:00:00.000 7 INFO nova.api [-] x\n`;
  writeFileSync(join(logs, 'api.log'), day(3));
  writeFileSync(join(logs, 'api.log.1'), day(2));
  writeFileSync(join(logs, 'api.log.2.gz'), gzipSync(day(1)));
  writeFileSync(join(logs, 'deep', 'other.log'), day(4));
  execFileSync('mkfifo', [join(logs, 'fifo')]);

  test('are those of its folders too, rotated ones in the order of their content, and no FIFOs', async () => {
    const found = await logFiles([logs], 0);
    expect(found.map(({ path }) => path.slice(logs.length + 1))).toEqual([
      'api.log.2.gz',
      'api.log.1',
      'api.log',
      'deep/other.log',
    ]);
  });

  test('are read once, however often they are named', async () => {
    const again = `${logs}/../logs/./api.log`;
    expect(await logFiles([logs, join(logs, 'api.log'), again, `${logs}/deep/..`], 0)).toHaveLength(4);
  });

  test('are read once if a rotated one lies beside its compressed copy', async () => {
    const copies = join(folder, 'copies');
    mkdirSync(copies);
    writeFileSync(join(copies, 'api.log.1'), day(2));
    writeFileSync(join(copies, 'api.log.1.gz'), gzipSync(day(2)));
    writeFileSync(join(copies, 'api.log.2.gz'), gzipSync(`${day(2)}and more\n`));
    const found = await logFiles([copies], 0);
    expect(found.map(({ path }) => path.slice(copies.length + 1))).toEqual(['api.log.1', 'api.log.2.gz']);
  });

  test('may be links, as in /var/log/containers; links to folders are not followed', async () => {
    const links = join(folder, 'links');
    mkdirSync(links);
    symlinkSync(join(logs, 'api.log'), join(links, 'api.log'));
    symlinkSync(join(logs, 'api.log'), join(links, 'again.log'));
    symlinkSync('.', join(links, 'loop'));
    symlinkSync('nowhere', join(links, 'dead'));
    expect((await logFiles([links], 0)).map(({ path }) => path)).toEqual([join(links, 'again.log')]);
  });

  test('are an error if there are none', async () => {
    const empty = join(folder, 'nothing');
    mkdirSync(empty);
    await expect(logFiles([empty], 0)).rejects.toThrow(/nothing: no file is in there/);
  });

  test.skipIf(process.getuid?.() === 0)(
    'that may not be listed are a complaint of their folder',
    async () => {
      const secret = join(folder, 'some', 'secret');
      mkdirSync(secret, { recursive: true });
      file('some/open.log', 'x');
      chmodSync(secret, 0);
      expect(await logFiles([join(folder, 'some')], 0)).toMatchObject([
        { path: join(folder, 'some/open.log') },
        { path: secret, complaint: expect.stringContaining('no permission') },
      ]);
    },
  );

  test('that are not there are refused', async () => {
    await expect(logFiles([join(folder, 'nowhere')], 0)).rejects.toThrow(/no such file/);
  });
});

test.for([
  ['nova-api.log', 'nova-api.log'],
  ['nova-api.log.1', 'nova-api.log'],
  ['nova-api.log.12.gz', 'nova-api.log'],
  ['nova-api.log-20260131', 'nova-api.log'],
  ['nova-api.log-20260131.gz', 'nova-api.log'],
  ['nova-api.log.2026-01-31', 'nova-api.log'],
  ['nova-api-20260131.log', 'nova-api.log'],
  ['nova-api-2026-01-31.log.gz', 'nova-api.log'],
  ['rabbit@host-1.log', 'rabbit@host-1.log'],
  ['rabbit@host-1.log.gz', 'rabbit@host-1.log'],
  ['rabbit@host-1', 'rabbit@host-1'],
  ['10.0.0.1', '10.0.0.1'],
] as const)('%s is of %s', ([path, log]) => {
  expect(withoutRotation(path)).toBe(log);
});
