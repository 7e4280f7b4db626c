import { commonLogTime, cTime, epochTime, type LogTime } from './log-time.ts';
import type { Unwrapped } from './prefix-facts.ts';
import type { PythonEntry } from './python-entry.ts';

/** A request that was answered. */
export interface RequestLine {
  /** Whether `time` is when the request came, or when its answer was logged. */
  readonly timeOf: 'request' | 'answer';
  readonly time: LogTime | undefined;
  readonly pid?: number | undefined;
  readonly status: number;
  /** Milliseconds; missing if the log does not have it. */
  readonly durationMs?: number | undefined;
}

// Apache's common and combined formats. Fields after these are not read.
const COMMON =
  /^(?:\S+:\d+ )?\S+ \S+ \S+ \[(?<time>\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "[^"]*" (?<status>\d{3}) \S+/;
// [pid: 18|app: 0|req: 1/1] ADDRESS () {28 vars in 330 bytes} [TIME] GET / => generated 12 bytes in 3 msecs (HTTP/1.1 200)
const UWSGI =
  /^\[pid: (?<pid>\d+)\|.*?\] \S+ \(.*?\) \{.*?\} \[(?<time>.*?)\] .* => generated \d+ bytes in (?<duration>\d+) (?<unit>m?)secs \(HTTP\/[\d.]+ (?<status>\d{3})\)/;
// containers/httpd/application.conf: SECONDS PID THREAD "REQUEST" STATUS BYTES MICROSECONDS
const MEASURED = /^(?<time>\d{10}\.\d{6}) (?<pid>\d+) \d+ ".*" (?<status>\d{3}) \d+ (?<duration>\d+)$/;

/** Reads a line of an access log of Apache, or of uWSGI's own log of requests. Undefined for any other line. */
export function requestLine({ line, prefix }: Unwrapped): RequestLine | undefined {
  if (line.startsWith('[pid: ')) return request(UWSGI.exec(line), cTime);
  if (!/ \d{3} /.test(line) || !line.includes('"')) return undefined;
  return (
    request(MEASURED.exec(line), (time) => epochTime(Number(time))) ??
    request(COMMON.exec(line), (time) => commonLogTime(time) ?? prefix.time)
  );
}

/** A request, by the named groups of a match. Its duration is in microseconds unless there is a unit. */
function request(
  match: RegExpExecArray | null,
  timeOf: (text: string) => LogTime | undefined,
): RequestLine | undefined {
  if (!match?.groups) return undefined;
  const { time = '', status, pid, duration, unit } = match.groups;
  const number = Number(duration);
  return {
    timeOf: 'request',
    time: timeOf(time),
    pid: pid === undefined ? undefined : Number(pid),
    status: Number(status),
    durationMs:
      duration === undefined
        ? undefined
        : unit === 'm'
          ? number
          : unit === ''
            ? number * 1000
            : number / 1000,
  };
}

// nova.api.openstack.requestlog, eventlet.wsgi.server, keystone's and others': … status: 200 len: 731 … time: 0.089186
const LOGGED = /"[A-Z]+ \S+.*?" status: (\d{3}) +len: \d+ .*?time: ([\d.]+)/;

/** Reads a request from an application's own line about it. Undefined for any other line. */
export function requestOfEntry({ time, pid, message }: PythonEntry): RequestLine | undefined {
  if (!message.includes(' status: ')) return undefined;
  const match = LOGGED.exec(message);
  if (!match) return undefined;
  return { timeOf: 'answer', time, pid, status: Number(match[1]), durationMs: Number(match[2]) * 1000 };
}
