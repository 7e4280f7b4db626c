/** A time in a log. */
export interface LogTime {
  /** Milliseconds since the epoch. A time without a zone is read as UTC. */
  readonly ms: number;
  readonly isZoned: boolean;
  /** Milliseconds by which its zone is ahead of UTC, if it has a zone like `+02:00`. */
  readonly aheadMs?: number | undefined;
  /** Milliseconds that the last digit counts: 1000 if the log has whole seconds only. */
  readonly precisionMs: number;
}

/** A time, and the index of what follows it in the line. */
export interface TimeInLine extends LogTime {
  readonly end: number;
}

const [SPACE, PLUS, COMMA, MINUS, POINT, ZERO, COLON, T, Z] = [32, 43, 44, 45, 46, 48, 58, 84, 90];

/**
 * Reads a time like ISO 8601's at an index of a line: `2026-01-31 12:00:00.123456+00:00`, with or without fraction and
 * zone, with `T` or a space, and with Python's comma. Undefined if there is none.
 */
export function isoTimeAt(line: string, from = 0): TimeInLine | undefined {
  if (line.charCodeAt(from + 4) !== MINUS || line.charCodeAt(from + 13) !== COLON) return undefined;
  if (line.charCodeAt(from + 7) !== MINUS || line.charCodeAt(from + 16) !== COLON) return undefined;
  const between = line.charCodeAt(from + 10);
  if (between !== SPACE && between !== T) return undefined;
  const ms = utc(
    number(line, from, 4),
    number(line, from + 5, 2),
    number(line, from + 8, 2),
    number(line, from + 11, 2),
    number(line, from + 14, 2),
    number(line, from + 17, 2),
  );
  if (ms === undefined) return undefined;
  let end = from + 19;
  let [fractionMs, precisionMs] = [0, 1000];
  const mark = line.charCodeAt(end);
  if ((mark === POINT || mark === COMMA) && isDigit(line.charCodeAt(end + 1))) {
    end += 1;
    for (let unit = 100; isDigit(line.charCodeAt(end)); end += 1, unit /= 10) {
      if (unit < 1) continue;
      fractionMs += (line.charCodeAt(end) - ZERO) * unit;
      precisionMs = unit;
    }
  }
  const zone = zoneAt(line, end);
  return {
    ms: ms + fractionMs - (zone?.offsetMs ?? 0),
    isZoned: zone !== undefined,
    aheadMs: zone?.offsetMs,
    precisionMs,
    end: zone?.end ?? end,
  };
}

/** A time like ISO 8601's that a collector added. Its zone is the collector's, not the program's. */
export function collectorsTime(text: string): LogTime | undefined {
  const time = isoTimeAt(text);
  return time && { ...time, aheadMs: undefined };
}

/** `Z`, `+02:00` or `+0200`, and the index of what follows it. */
function zoneAt(line: string, at: number): { readonly offsetMs: number; readonly end: number } | undefined {
  const sign = line.charCodeAt(at);
  if (sign === Z) return { offsetMs: 0, end: at + 1 };
  if (sign !== PLUS && sign !== MINUS) return undefined;
  const hasColon = line.charCodeAt(at + 3) === COLON;
  const minutesAt = at + (hasColon ? 4 : 3);
  const minutes = number(line, at + 1, 2) * 60 + number(line, minutesAt, 2);
  if (Number.isNaN(minutes)) return undefined;
  return { offsetMs: (sign === PLUS ? minutes : -minutes) * 60_000, end: minutesAt + 2 };
}

/** @returns milliseconds by which a zone like `+02:00` or `UTC` is ahead of UTC, or undefined if it is not one. */
export function zoneOffsetMs(zone: string): number | undefined {
  if (zone === 'UTC') return 0;
  const found = zoneAt(zone, 0);
  return found?.end === zone.length && Math.abs(found.offsetMs) <= 14 * 3_600_000
    ? found.offsetMs
    : undefined;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = '(?<month>[A-Z][a-z]{2})';
const CLOCK = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d+))?`;
const REPORT = new RegExp(String.raw`^(?<day>\d{1,2})-${MONTH}-(?<year>\d{4})::${CLOCK}$`);
const C_TIME = new RegExp(String.raw`^[A-Z][a-z]{2} ${MONTH} [ ]?(?<day>\d{1,2}) ${CLOCK} (?<year>\d{4})$`);
const SYSLOG = new RegExp(String.raw`^${MONTH} [ ]?(?<day>\d{1,2}) ${CLOCK}$`);
const COMMON_LOG = new RegExp(String.raw`^(?<day>\d\d)/${MONTH}/(?<year>\d{4}):${CLOCK} (?<zone>[+-]\d{4})$`);

/** `14-May-2015::14:52:07`, in Erlang's reports. */
export function reportTime(text: string): LogTime | undefined {
  return wallTime(REPORT.exec(text)?.groups);
}

/** `Tue Oct 17 09:53:43.538359 2017`, in Apache's error log and uWSGI's log. */
export function cTime(text: string): LogTime | undefined {
  return wallTime(C_TIME.exec(text)?.groups);
}

/** `17/Oct/2017:09:53:43 +0000`, in access logs. */
export function commonLogTime(text: string): LogTime | undefined {
  const parts = COMMON_LOG.exec(text)?.groups;
  const time = wallTime(parts);
  return time && { ...time, ms: time.ms - (zoneOffsetMs(parts?.zone ?? '') ?? 0), isZoned: true };
}

/**
 * `Dec  5 23:46:59`, in syslog's and journald's prefixes.
 *
 * @param latest milliseconds since the epoch. The year is the last one in which the time is at most a day after this.
 */
export function syslogTime(text: string, latest: number): LogTime | undefined {
  const parts = SYSLOG.exec(text)?.groups;
  const lastYear = new Date(latest).getUTCFullYear();
  for (const year of [lastYear + 1, lastYear, lastYear - 1, lastYear - 2, lastYear - 3, lastYear - 4]) {
    const time = wallTime(parts, year);
    if (time && time.ms <= latest + DAY_MS) return time;
  }
  return undefined;
}

const DAY_MS = 86_400_000;

/** A number of seconds, milliseconds, microseconds or nanoseconds since the epoch. Its size tells the unit. */
export function epochTime(value: number): LogTime | undefined {
  if (!(value >= 1e8 && value < 1e20)) return undefined;
  const unitMs = value < 1e11 ? 1000 : value < 1e14 ? 1 : value < 1e17 ? 1e-3 : 1e-6;
  const precisionMs = unitMs === 1000 && Number.isInteger(value) ? 1000 : 1;
  return { ms: Math.floor(value * unitMs), isZoned: true, precisionMs };
}

/** The time in a match of one of the patterns above. */
function wallTime(
  parts: Readonly<Record<string, string>> | undefined,
  year = Number(parts?.year),
): LogTime | undefined {
  if (!parts) return undefined;
  const { month = '', day, hour, minute, second, fraction = '' } = parts;
  const ms = utc(year, MONTHS.indexOf(month) + 1, Number(day), Number(hour), Number(minute), Number(second));
  if (ms === undefined) return undefined;
  const digits = fraction.slice(0, 3);
  const precisionMs = 10 ** (3 - digits.length);
  return { ms: ms + Number(digits) * precisionMs, isZoned: false, precisionMs };
}

function utc(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!isDay || !(hour < 24 && minute < 60 && second <= 60) || Number.isNaN(year)) return undefined;
  return midnight(year, month, day) + ((hour * 60 + minute) * 60 + second) * 1000;
}

// A log has millions of times on few days.
let latestDay = { key: 0, ms: 0 };

function midnight(year: number, month: number, day: number): number {
  const key = (year * 100 + month) * 100 + day;
  if (key !== latestDay.key) latestDay = { key, ms: Date.UTC(year, month - 1, day) };
  return latestDay.ms;
}

/** NaN unless all characters are digits. */
function number(line: string, from: number, digits: number): number {
  let value = 0;
  for (let at = from; at < from + digits; at += 1) {
    const digit = line.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}
