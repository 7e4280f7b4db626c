import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { anonymiser, formOf, mapTexts } from '../../helpers/diagnosis/anonymous.ts';
import { troubles } from '../../helpers/diagnosis/causes/troubles.ts';
import { details, FIRST_SCREEN, firstScreen } from '../../helpers/diagnosis/diagnosis-words.ts';
import { mostFrequent } from '../../helpers/diagnosis/join/clock-offset.ts';
import { loggers } from '../../helpers/evidence/evidence.ts';
import { evidenceOf } from '../../helpers/evidence/evidence-of.ts';
import { countLoggedBy } from '../../helpers/verdict/logged-by.ts';
import { table } from '../table/index.ts';
import type { Logs } from './fixtures/histories-of.ts';
import { diagnosisOf, dropLines } from './fixtures/made-up-lines.ts';
import { collectors } from './fixtures/printed-logs.ts';
import { recordedLogs, retimed, timeOf } from './fixtures/recorded-logs.ts';
import { recorded } from './recorded/index.ts';

const random = xoroshiro128plus(29);
const SHARES = [0.2, 0.5, 0.9, ...Array.from({ length: 3 }, () => uniformInt(random, 1, 999) / 1000)];

const names = ['prefork-8', 'prefork-8-2019', 'event-8x25', 'event-1x25'] as const;

describe.for(names)('of the logs of a real run, %s,', (name) => {
  const seen = recorded(name);
  const { brokerDrops, connections } = evidenceOf(seen);
  const truth = countLoggedBy(brokerDrops);
  const logs = recordedLogs(name);
  const programOf = (of: Logs, zoneMs?: number) =>
    diagnosisOf(of, zoneMs).programs.find(
      ({ user, program }) => user === seen.user && !program.startsWith('suite:'),
    );

  const each = (change: (lines: readonly string[], file: string) => readonly string[]): Logs =>
    Object.fromEntries(Object.entries(logs).map(([file, lines]) => [file, change(lines, file)]));
  /** The application's clock is ahead. */
  const shifted = (ms: number): Logs => ({
    ...logs,
    'application.log': logs['application.log'].map((line) => retimed(line, (at) => at + ms)),
  });

  /** What logged a drop is known rightly, or unknown. */
  const expectNeverWrong = (of: Logs, zoneMs?: number) => {
    const program = programOf(of, zoneMs);
    for (const logger of loggers)
      expect(program?.loggedBy[logger] ?? 0, logger).toBeLessThanOrEqual(truth[logger]);
    expect(program?.drops ?? 0).toBeLessThanOrEqual(brokerDrops.length);
  };

  test('drops and who logged them are as the suite found them', () => {
    const program = programOf(logs, 0);
    expect(program?.drops ?? 0).toBe(brokerDrops.length);
    const unknown = Object.values(program?.loggedByUnknown ?? {}).reduce((sum, drops) => sum + drops, 0);
    const known = loggers.reduce((sum, logger) => sum + (program?.loggedBy[logger] ?? 0), 0);
    expect(known + unknown).toBe(brokerDrops.length);
    expectNeverWrong(logs, 0);
    expect(program?.loggedBy.heartbeat ?? 0).toBe(truth.heartbeat);
    expect(connections.all.length).toBeGreaterThan(0);
  });

  test('the cause of any drop is the heartbeat that stood still', () => {
    const kinds = programOf(logs, 0)?.troubles.map(({ kind }) => kind) ?? [];
    if (brokerDrops.length > 0) expect(kinds).toContain('green heartbeat');
    else expect(kinds).not.toContain('green heartbeat');
  });

  test.for(Object.entries(collectors))('nothing false is said of them behind the prefix of %s', ([
    ,
    collect,
  ]) => {
    const of = each((lines) =>
      lines.map((line) => {
        const at = timeOf(line);
        return at === undefined ? line : collect(line, at);
      }),
    );
    expectNeverWrong(of);
    expect(programOf(of)?.drops ?? 0).toBe(brokerDrops.length);
  });

  test.for([-3000, 3000, 40_000])('nothing false is said if the clocks differ by %d ms', (ms) => {
    expectNeverWrong(shifted(ms), 0);
  });

  test('nothing false is said if the application logs in another zone', () => {
    const of = shifted(5.5 * 3_600_000);
    expectNeverWrong(of);
    expectNeverWrong(of, 5.5 * 3_600_000);
  });

  test.for([
    'broker.log',
    'application.log',
  ] as const)('nothing false is said if half of %s is missing', (file) => {
    const half = Math.floor(logs[file].length / 2);
    expectNeverWrong({ ...logs, [file]: logs[file].slice(half) }, 0);
    expectNeverWrong({ ...logs, [file]: logs[file].slice(0, half) }, 0);
    expectNeverWrong({ ...logs, [file]: [...logs[file].slice(0, half / 2), ...logs[file].slice(half)] }, 0);
  });

  test.for(SHARES)('rotation after a share of %d of the lines changes nothing', (share) => {
    const rotated = Object.fromEntries(
      Object.entries(logs).flatMap(([file, lines]) => {
        const at = Math.floor(lines.length * share);
        return [
          [`${file}.1`, lines.slice(0, at)],
          [file, lines.slice(at)],
        ];
      }),
    );
    const { loggedBy, loggedByUnknown, dropsOfProcess } = programOf(logs, 0) ?? {};
    expect(programOf(rotated, 0) ?? {}).toMatchObject({ loggedBy, loggedByUnknown, dropsOfProcess });
  });

  test.for([
    0, 0.25, 0.5, 0.75,
  ])('nothing false is said if a quarter of the time is lost, from a share of %d on', (share) => {
    const times = logs['broker.log'].flatMap((line) => timeOf(line) ?? []);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const from = first + (last - first) * share;
    const until = from + (last - first) / 4;
    const isLeft = (line: string) => {
      const at = timeOf(line) ?? 0;
      return at < from || at >= until;
    };
    for (const lossy of [['broker.log'], ['application.log'], ['broker.log', 'application.log']]) {
      const of = each((lines, file) => (lossy.includes(file) ? lines.filter(isLeft) : lines));
      expectNeverWrong(of, 0);
    }
  });

  test.for([
    ['broker.log'],
    ['application.log'],
    ['broker.log', 'application.log'],
  ])('nothing false is said if the newest line of %j is first', (turned) => {
    const of = each((lines, file) => (turned.includes(file) ? lines.toReversed() : lines));
    expectNeverWrong(of, 0);
    expect(programOf(of, 0)?.drops ?? 0).toBe(brokerDrops.length);
  });

  test('nothing false is said if each log is given twice', () => {
    const twice = {
      ...logs,
      'copy-of-broker.log': logs['broker.log'],
      'copy-of-application.log': logs['application.log'],
    };
    expectNeverWrong(twice, 0);
    expect(programOf(twice, 0)?.drops ?? 0).toBe(brokerDrops.length);
  });

  test('nothing false is said if another host’s lines are between the application’s', () => {
    const other = recorded(name === 'event-1x25' ? 'prefork-8' : 'event-1x25').applicationLog.lines;
    const lines = logs['application.log'];
    const hostOf = (host: string, line: string) => `[pod/${host}/nova-api] ${line}`;
    const mixed = Array.from({ length: Math.max(lines.length, other.length) }, (_, index) => [
      ...lines.slice(index, index + 1).map((line) => hostOf('host-1', line)),
      ...other.slice(index, index + 1).map((line) => hostOf('host-2', line)),
    ]).flat();
    const { loggedBy, dropsOfProcess } = programOf(logs, 0) ?? {};
    expect(programOf({ ...logs, 'application.log': mixed }, 0) ?? {}).toMatchObject({
      loggedBy,
      dropsOfProcess,
    });
  });

  test('nothing false is said of the broker’s log alone, or of the application’s alone', () => {
    expectNeverWrong({ 'broker.log': logs['broker.log'] }, 0);
    const { outcome, programs } = diagnosisOf({ 'application.log': logs['application.log'] }, 0);
    expect(programs.reduce((sum, program) => sum + program.drops, 0)).toBe(0);
    expect(outcome).not.toBe('nothing found');
  });

  test('the first screen has at most twenty lines', () => {
    expect(firstScreen(diagnosisOf(logs, 0), []).length).toBeLessThanOrEqual(FIRST_SCREEN);
  });
});

test.for([
  ['the zone of the broker’s log', '+02:00', undefined, 5, '5:00 to 6:00: 1 (+02:00)'],
  ['the zone that was given', '+00:00', 5.5 * 3_600_000, 8, '8:00 to 9:00: 1 (+05:30)'],
  ['no zone', '', undefined, 3, '3:00 to 4:00: 1 (as the log has them)'],
] as const)('hours are in %s', ([, zone, zoneMs, hour, words]) => {
  const lines = dropLines('03:00:00.100000', 'mod_wsgi', 18, 1).map((line) =>
    line.replace(
      '03:00:00.100000+00:00',
      zone === '+02:00' ? '05:00:00.100000+02:00' : `03:00:00.100000${zone}`,
    ),
  );
  const found = diagnosisOf({ 'rabbit.log': lines }, zoneMs);
  expect(found.programs[0]?.dropsByHour[hour]).toBe(1);
  expect(details(found, []).join('\n')).toContain(words);
});

test('ends of connections that are too many to be looked at are counted', () => {
  const many = Array.from({ length: 10_001 }, (_, number) =>
    dropLines('03:00:00.100000', 'nova-compute', 7, number),
  );
  const found = diagnosisOf({ 'rabbit.log': many.flat() });
  expect(found).toMatchObject({ onlyCounted: 1, programs: [{ drops: 10_001 }] });
  expect(details(found, []).join('\n')).toContain('1 connection end counted but not examined');
});

test('each row that a trouble names is in the table', () => {
  const ids = Object.values(table).flatMap((groups) =>
    groups.flatMap(({ rows }) => rows.map(({ id }) => id)),
  );
  for (const { rows = {} } of Object.values(troubles))
    for (const row of Object.values(rows)) expect(ids).toContain(row);
});

test('the most frequent difference is found, and none where two are as frequent', () => {
  expect(mostFrequent([[100, 5000], [130, 9000], [90]], 500)).toMatchObject({
    at: expect.closeTo(106, -1),
    votes: 3,
  });
  expect(
    mostFrequent(
      [
        [100, 5000],
        [130, 5010],
      ],
      500,
    ),
  ).toBeUndefined();
  expect(mostFrequent([[100, 110, 120]], 500)).toMatchObject({ votes: 1 });
  expect(mostFrequent([], 500)).toBeUndefined();
});

test('a line that could not be read is shown as its form, without what it says', () => {
  expect(formOf('10.0.0.1 node-Ä: failed (2)')).toBe('00.0.0.0 aaaa-a: aaaaaa (0)');
});

test('names are replaced, each always by the same word', () => {
  const replace = anonymiser({ address: ['10.0.0.1', '10.0.0.11'], host: ['node (1)'] });
  expect(mapTexts({ 'on node (1)': ['10.0.0.11', '10.0.0.1', 3] }, replace, { keys: true })).toEqual({
    'on host-1': ['address-2', 'address-1', 3],
  });
});
