import { describe, expect, test } from 'vitest';
import { type Diagnosis, diagnose } from '../../helpers/diagnosis/diagnosis.ts';
import { details, firstScreen } from '../../helpers/diagnosis/diagnosis-words.ts';
import { Histories } from '../../helpers/diagnosis/history/histories.ts';
import { logFiles } from '../../helpers/logs/log-files.ts';
import { readLogs } from '../../helpers/report/diagnosis/read-logs.ts';
import { folderWith } from './fixtures/folder.ts';
import {
  authenticatedLine,
  endLines,
  heartbeatLine,
  nameOf,
  reconnectedLine,
  serviceLine,
  unreachableLine,
} from './fixtures/made-up-lines.ts';

const NAME = nameOf('mod_wsgi', 18, 1);

/** A connection is opened and dropped as RabbitMQ 4 logs it. */
const opened = (time: string, port = 41_001, zone?: string) =>
  authenticatedLine(time, NAME, `10.0.0.1:${port}`, zone);
const dropped = (time: string, zone?: string) =>
  endLines(time, NAME, '10.0.0.1:41000', { duration: '5M, 0s', zone });
const night = [opened('02:00:00', 41_000), ...dropped('03:00:00.1'), opened('03:40:00.1')];
const healthy = [opened('05:00:00', 41_002)];

/** A line of the application each minute from 02:00 on. */
const alive = (level = 'INFO') =>
  Array.from({ length: 110 }, (_, minute) => {
    const time = new Date(Date.parse('2026-11-26T02:00:00Z') + minute * 60_000).toISOString().slice(11, 23);
    return serviceLine(time, 18, 'x', level);
  });
const nova = [
  ...alive(),
  heartbeatLine('03:40:00.09', 18),
  reconnectedLine('03:40:00.12', 18, 1, 41_001),
].sort();

async function read(files: Readonly<Record<string, readonly string[]>>, zoneMs?: number) {
  const texts = Object.entries(files).map(([name, lines]) => [name, `${lines.join('\n')}\n`]);
  const histories = new Histories(zoneMs);
  const reports = await readLogs(await logFiles([folderWith(Object.fromEntries(texts))], 0), histories);
  const diagnosis = diagnose(histories);
  return {
    diagnosis,
    words: [...firstScreen(diagnosis, reports), ...details(diagnosis, reports)].join('\n'),
  };
}

const dropsOf = ({ programs }: Diagnosis) => programs.reduce((all, { drops }) => all + drops, 0);
const loggedOf = ({ programs }: Diagnosis) => programs.find(({ drops }) => drops > 0);

describe('one drop is counted once', () => {
  test.for<[string, Record<string, string[]>]>([
    ['in a copy of the log', { 'rabbit.log': night, 'copy.log': night }],
    [
      'in a log and in its copy that was rotated',
      { 'rabbit.log.1': night, 'rabbit.log': [...night, ...healthy] },
    ],
    [
      'in a log and in a collector’s',
      { 'rabbit.log': night, 'docker.log': night.map((line) => `2026-11-26T03:00:00.5Z ${line}`) },
    ],
  ])('%s', async ([, files]) => {
    expect(dropsOf((await read(files)).diagnosis)).toBe(1);
  });
});

describe('if a line or a file could not be read', () => {
  test.for<[string, string[], RegExp]>([
    ['a form that is not known', ['2026-11-26 closing AMQP connection of a form to come'], /1 line may say/],
    [
      'an answer of a store of logs, in one line',
      [JSON.stringify([...healthy, 'x'.repeat(99), ...night])],
      /may say/,
    ],
    [
      'a line that is too long',
      [JSON.stringify([...healthy, 'x'.repeat(99_999), ...night])],
      /1 file could not/,
    ],
    ['a closing line without its reason', dropped('03:00:00.1').slice(0, 1), /1 line may say/],
    ['closing lines without reasons', night.filter((line) => !/missed/.test(line)), /1 line may say/],
    ['a reason without the closing line', ['missed heartbeats from client, timeout: 60s'], /1 line may say/],
  ])('the outcome is “could not tell”: %s', async ([, lines, words]) => {
    const found = await read({ 'other.log': lines, 'rabbit.log': healthy });
    expect(found.diagnosis).toMatchObject({ outcome: 'could not tell', programs: [{ drops: 0 }] });
    expect(found.words).toMatch(words);
  });

  test('the outcome is “could not tell”: another file', async () => {
    const found = await read({
      'rabbit.log': healthy,
      'binary.log': ['\u0001'.repeat(99)],
    });
    expect(found.diagnosis).toMatchObject({ outcome: 'could not tell' });
    expect(found.words).toMatch(
      /^Could not tell: 1 file could not be read, or not to the end: .*binary\.log/,
    );
  });

  test('counts are lower bounds if something was found', async () => {
    const found = await read({ 'rabbit.log': [...night, 'closing AMQP connection of a form to come'] });
    expect(found.diagnosis).toMatchObject({ outcome: 'found', notRead: [{ line: 5 }] });
    expect(found.words).toContain('could not be read: ');
    expect(found.words).toContain('all counts are lower bounds');
  });
});

describe('a drop with a reason and no closing line', () => {
  test('is counted, and belongs to no program', async () => {
    const { diagnosis } = await read({
      'rabbit.log': night.filter((line) => !line.includes('closing')).slice(1),
    });
    expect(diagnosis).toMatchObject({ outcome: 'found' });
    expect(loggedOf(diagnosis)).toMatchObject({
      program: '',
      drops: 1,
      troubles: [{ kind: 'unexplained drop' }],
    });
  });

  test('is of the connection that the broker opened in the same Erlang process', async () => {
    const { diagnosis } = await read({ 'rabbit.log': night.filter((line) => !line.includes('closing')) });
    expect(loggedOf(diagnosis)).toMatchObject({ program: 'mod_wsgi', user: 'nova', addresses: ['10.0.0.1'] });
  });
});

describe('a reconnect', () => {
  test.for([
    'a.log',
    'c.log',
  ])('to another broker is found, whichever log is read first (%s)', async (other) => {
    const { diagnosis } = await read({ 'b.log': night.slice(0, -1), [other]: night.slice(-1) });
    expect(loggedOf(diagnosis)).toMatchObject({
      user: 'nova',
      reconnected: { count: 1, maxMs: 40 * 60_000 },
    });
  });

  test('is found in a log with the newest line first', async () => {
    const { diagnosis } = await read({ 'rabbit.log': night.toReversed() });
    expect(loggedOf(diagnosis)).toMatchObject({ program: 'mod_wsgi', addresses: ['10.0.0.1'], drops: 1 });
    expect(loggedOf(diagnosis)?.reconnected.maxMs ?? 0).toBeGreaterThanOrEqual(0);
  });

  test('has no known duration if the clock was set back meanwhile', async () => {
    const { diagnosis } = await read({
      'rabbit.log': [
        ...dropped('02:59:50', ''),
        opened('02:00:10', 41_001, ''),
        opened('09:00:00', 41_002, ''),
      ],
    });
    expect(loggedOf(diagnosis)?.reconnected).toEqual({ count: 0 });
  });
});

describe('what logged a drop', () => {
  test('is known from the heartbeat’s line', async () => {
    const { diagnosis } = await read({ 'rabbit.log': night, 'nova.log': nova }, 0);
    expect(loggedOf(diagnosis)).toMatchObject({ loggedBy: { heartbeat: 1 } });
  });

  test('is unknown if the log may lack the heartbeat’s line because of its level', async () => {
    const request = unreachableLine('03:30:00', 18, 1);
    const { diagnosis } = await read(
      { 'rabbit.log': night.slice(0, -1), 'nova.log': [...alive('WARNING'), request].sort() },
      0,
    );
    expect(loggedOf(diagnosis)?.loggedByUnknown).toEqual({ 'log has no level INFO': 1 });
  });

  test('is known although some lines have only the collector’s time, in another zone', async () => {
    const ahead = (line: string) => {
      const at = Date.parse(`${line.slice(0, 23).replace(' ', 'T')}Z`);
      const local = new Date(at + 5.5 * 3_600_000).toISOString().replace('T', ' ').slice(0, 23);
      return `${new Date(at).toISOString().replace('Z', '000+00:00')} host-1 nova-api[18]: ${local}${line.slice(23)}`;
    };
    const { diagnosis } = await read({
      'rabbit.log': night,
      'nova.log': [
        '2026-11-26T02:00:00.000000+00:00 host-1 nova-api[18]: INFO: root starting',
        ...nova.map(ahead),
      ],
    });
    expect(loggedOf(diagnosis)).toMatchObject({ loggedBy: { heartbeat: 1 } });
  });

  test('is known for two hosts whose processes have the same ids, behind an unknown prefix', async () => {
    const other = (line: string) =>
      line.replaceAll('<0.4', '<0.5').replaceAll('10.0.0.1:', '10.0.0.2:').replaceAll('a000-0', 'a000-1');
    const late = (line: string) => other(line).replace('03:40:00', '03:41:00');
    const { diagnosis } = await read(
      {
        'rabbit.log': [...night, ...night.map(late)].sort(),
        'nova.log': [
          ...nova.map((line) => [line, 'nova-api-0 nova']),
          ...nova.map((line) => [late(line), 'nova-api-1 nova']),
        ]
          .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
          .map(([line, prefix]) => `${prefix} ${line}`),
      },
      0,
    );
    expect(loggedOf(diagnosis)).toMatchObject({ drops: 2, loggedBy: { heartbeat: 2 } });
    expect(diagnosis.sources).toHaveLength(2);
  });
});

test('a line that a collector has cut into parts is read as one', async () => {
  const time = '2026-11-26T03:00:00.123456789Z stdout';
  const cri = night.flatMap((line) => [`${time} P ${line.slice(0, 60)}`, `${time} F ${line.slice(60)}`]);
  const record = JSON.stringify({ message: dropped('03:00:00').join('\n'), extra: 'x'.repeat(20_000) });
  const docker = [record.slice(0, 16_384), `${record.slice(16_384)}\n`].map((log) =>
    JSON.stringify({ log, stream: 'stdout', time: '2026-11-26T03:00:00.1Z' }),
  );
  expect(loggedOf((await read({ 'cri.log': cri })).diagnosis)).toMatchObject({ user: 'nova', drops: 1 });
  expect(loggedOf((await read({ 'docker.log': docker })).diagnosis)).toMatchObject({ drops: 1 });
});
