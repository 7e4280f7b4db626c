import type { Unwrapped } from './envelope.ts';
import { commonLogTime, cTime, epochTime, type LogTime } from './log-time.ts';
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
  /^(?:\S+:\d+ )?\S+ \S+ \S+ \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "[^"]*" (\d{3}) \S+/;
// [pid: 18|app: 0|req: 1/1] ADDRESS () {28 vars in 330 bytes} [TIME] GET / => generated 12 bytes in 3 msecs (HTTP/1.1 200)
const UWSGI =
  /^\[pid: (\d+)\|.*?\] \S+ \(.*?\) \{.*?\} \[(.*?)\] .* => generated \d+ bytes in (\d+) (m?)secs \(HTTP\/[\d.]+ (\d{3})\)/;
// containers/httpd/application.conf: SECONDS PID THREAD "REQUEST" STATUS BYTES MICROSECONDS
const MEASURED = /^(\d{10}\.\d{6}) (\d+) \d+ ".*" (\d{3}) \d+ (\d+)$/;

/** Reads a line of an access log of Apache, or of uWSGI's own log of requests. Undefined for any other line. */
export function requestLine({ line, prefix }: Unwrapped): RequestLine | undefined {
  if (line.startsWith('[pid: ')) return uwsgi(line);
  if (!/ \d{3} /.test(line) || !line.includes('"')) return undefined;
  const measured = MEASURED.exec(line);
  if (measured) {
    const [, seconds, pid, status, microseconds] = measured;
    return {
      timeOf: 'request',
      time: epochTime(Number(seconds)),
      pid: Number(pid),
      status: Number(status),
      durationMs: Number(microseconds) / 1000,
    };
  }
  const match = COMMON.exec(line);
  if (!match) return undefined;
  return {
    timeOf: 'request',
    time: commonLogTime(match[1] as string) ?? prefix.time,
    status: Number(match[2]),
  };
}

function uwsgi(line: string): RequestLine | undefined {
  const match = UWSGI.exec(line);
  if (!match) return undefined;
  const [, pid, time = '', duration, isMilliseconds, status] = match;
  return {
    timeOf: 'request',
    time: cTime(time),
    pid: Number(pid),
    status: Number(status),
    durationMs: Number(duration) * (isMilliseconds ? 1 : 1000),
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
