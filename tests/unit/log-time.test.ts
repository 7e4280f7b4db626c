import { expect, test } from 'vitest';
import {
  commonLogTime,
  cTime,
  epochTime,
  isoTimeAt,
  reportTime,
  syslogTime,
  zoneOffsetMs,
} from '../../helpers/logs/log-time.ts';

test.for([
  ['2026-01-31 12:00:00.123456+00:00', '2026-01-31T12:00:00.123Z', 0, 1],
  ['2026-01-31 12:00:00.123', '2026-01-31T12:00:00.123Z', undefined, 1],
  ['2026-01-31 12:00:00,123', '2026-01-31T12:00:00.123Z', undefined, 1],
  ['2026-01-31 12:00:00', '2026-01-31T12:00:00.000Z', undefined, 1000],
  ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z', 0, 1000],
  ['2026-01-31T12:00:00.5Z', '2026-01-31T12:00:00.500Z', 0, 100],
  ['2026-01-31T12:00:00.123456789-0230', '2026-01-31T14:30:00.123Z', -150, 1],
  ['2026-01-31 12:00:00.123456+02:00', '2026-01-31T10:00:00.123Z', 120, 1],
] as const)('%s is read', ([text, iso, aheadMinutes, precisionMs]) => {
  expect(isoTimeAt(text)).toEqual({
    ms: Date.parse(iso),
    isZoned: aheadMinutes !== undefined,
    aheadMs: aheadMinutes === undefined ? undefined : aheadMinutes * 60_000,
    precisionMs,
    end: text.length,
  });
});

test.for([
  '',
  '2026-01-31',
  '2026-13-31 12:00:00',
  '2026-01-31 25:00:00',
  '2026-01-31 12:0a:00',
  '2026-01-31_12:00:00',
  '10.0.0.1 - - [x]',
])('%j is no time', (text) => {
  expect(isoTimeAt(text)).toBeUndefined();
});

test('the forms of Erlang, Apache and syslog are read', () => {
  expect(reportTime('14-May-2015::14:52:07')).toEqual({
    ms: Date.parse('2015-05-14T14:52:07Z'),
    isZoned: false,
    precisionMs: 1000,
  });
  expect(cTime('Tue Oct 17 09:53:43.538359 2017')).toEqual({
    ms: Date.parse('2017-10-17T09:53:43.538Z'),
    isZoned: false,
    precisionMs: 1,
  });
  expect(cTime('Mon Apr  7 18:51:13 2014')).toMatchObject({
    ms: Date.parse('2014-04-07T18:51:13Z'),
    precisionMs: 1000,
  });
  expect(commonLogTime('17/Oct/2023:09:53:43 +0200')).toEqual({
    ms: Date.parse('2023-10-17T07:53:43Z'),
    isZoned: true,
    precisionMs: 1000,
  });
});

test('a time without a year is the last one that has been', () => {
  const latest = Date.parse('2026-01-10T00:00:00Z');
  expect(syslogTime('Dec  5 23:46:59', latest)?.ms).toBe(Date.parse('2025-12-05T23:46:59Z'));
  expect(syslogTime('Jan 05 23:46:59', latest)?.ms).toBe(Date.parse('2026-01-05T23:46:59Z'));
  // a file that was written to in another zone
  expect(syslogTime('Jan 10 11:00:00', latest)?.ms).toBe(Date.parse('2026-01-10T11:00:00Z'));
});

test('the size of a number says whether it is seconds, milliseconds, microseconds or nanoseconds', () => {
  const at = Date.parse('2026-01-31T12:00:00.123Z');
  for (const value of [at / 1000, at, at * 1000, at * 1_000_000]) {
    expect(Math.abs((epochTime(value)?.ms ?? 0) - at)).toBeLessThanOrEqual(1);
  }
  expect(epochTime(5672)).toBeUndefined();
});

test('a zone is read, and anything else is refused', () => {
  expect(['UTC', 'Z', '+02:00', '-0330'].map(zoneOffsetMs)).toEqual([0, 0, 7_200_000, -12_600_000]);
  expect(['CET', '2', '+2', '+99:00', ''].map(zoneOffsetMs)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
