import { epochTime, isoTimeAt, type LogTime } from './log-time.ts';
import type { PrefixFacts, Unwrapped } from './prefix-facts.ts';

type Json = Readonly<Record<string, unknown>>;

const ERLANG_PROCESS = /^<\d+\.\d+\.\d+>$/;

/**
 * Reads a line that is one JSON object: docker's json-file, journald's JSON, filebeat and the like, oslo.log's JSON and
 * fluent forms, and RabbitMQ's JSON, whose fields can be renamed. Undefined if the line is not an object with a text.
 */
export function readJsonLine(line: string): Pick<Unwrapped, 'line' | 'prefix'> | undefined {
  // An array has a comma after each object.
  const text = line.replace(/[\s,\]]+$/, '');
  const outer = text.endsWith('}') ? parsed(text) : undefined;
  if (!outer) return undefined;
  // Elasticsearch's `_source` and Splunk's `result` contain the record.
  for (const object of [outer, ...Object.values(outer).filter(isObject)]) {
    const inner = textOf(object);
    if (inner !== undefined) return { line: inner, prefix: factsOf({ ...outer, ...object }) };
  }
  return undefined;
}

/** docker's json-file driver splits a line that is longer than its buffer. */
const DOCKER_BYTES = 16 * 1024;

/** The field with the text: docker's, journald's, filebeat's, RabbitMQ's, Loki's, Splunk's and kolla's. */
const TEXTS = ['log', 'MESSAGE', 'message', 'msg', 'line', '_raw', 'Payload'];

function parsed(line: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(object: Json): string | undefined {
  const text = TEXTS.map((name) => asText(object[name])).find((text) => text !== undefined);
  const all = text ?? renamedText(object);
  if (all === undefined) return undefined;
  const message = object.message === undefined && object.args !== undefined ? filled(all, object.args) : all;
  return [message, ...tracebackOf(object)].join('\n').replace(/[\r\n]+$/, '');
}

function isPartial({ log, stream }: Json): boolean {
  if (typeof log !== 'string' || stream === undefined || log.endsWith('\n')) return false;
  return Buffer.byteLength(log) >= DOCKER_BYTES;
}

/** journald writes a message that is not plain text as an array of bytes. */
function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const isBytes = Array.isArray(value) && value.length > 0 && value.every((byte) => typeof byte === 'number');
  return isBytes ? Buffer.from(value).toString('utf8') : undefined;
}

/** RabbitMQ's fields can be renamed; its Erlang process shows what they are. */
function renamedText(object: Json): string | undefined {
  const values = Object.values(object);
  if (!values.some(isErlangProcess)) return undefined;
  return values.find(
    (value): value is string => typeof value === 'string' && value.includes(' ') && !isoTimeAt(value),
  );
}

/** Python's `msg % args`. */
function filled(text: string, args: unknown): string {
  const list = Array.isArray(args) ? [...args] : [];
  return text.replaceAll(
    /%(?:\((\w+)\))?[-+ #0]*\d*(?:\.\d+)?[sdrfix]/g,
    (whole, key: string | undefined) => {
      const value = key === undefined ? list.shift() : isObject(args) ? args[key] : undefined;
      return value === undefined ? whole : String(value);
    },
  );
}

function tracebackOf({ traceback, exc_info: info, exception }: Json): string[] {
  const found = [traceback, info, exception].find(
    (value) => typeof value === 'string' || Array.isArray(value),
  );
  if (Array.isArray(found)) return found.map(String);
  return typeof found === 'string' ? [found] : [];
}

function factsOf(own: Json): PrefixFacts {
  const { kubernetes, labels, context, name, host } = own;
  const pod = [kubernetes, labels].find(isObject) ?? {};
  const erlangProcess = Object.values(own).find(isErlangProcess);
  const time = timeOf(own);
  const hostName = isObject(host) ? host.name : host;
  const isPythons = typeof own.levelname === 'string' || isObject(context);
  return {
    // A collector's zone need not be the program's. RabbitMQ writes its own JSON, so its zone is kept.
    time: time && erlangProcess === undefined ? { ...time, aheadMs: undefined } : time,
    host: firstText(own.hostname, own.Hostname, own._HOSTNAME, hostName, pod.pod_name, pod.pod, pod.host),
    program: firstText(own.SYSLOG_IDENTIFIER, own.programname, own.binary),
    pid: firstNumber(own._PID, own.process, own.process_id, own.pid, own.Pid),
    container: firstText(own.CONTAINER_NAME, pod.container_name, pod.container, own.container_name),
    erlangProcess,
    level: firstText(own.levelname, own.level, own.log_level, own.severity),
    logger: firstText(own.logger, own.python_module, isPythons ? name : undefined),
    context: contextOf(context),
    isPartial: isPartial(own),
  };
}

const TIMES = ['created', '__REALTIME_TIMESTAMP', 'time', 'timestamp', '@timestamp', 'ts', 'asctime'];

function timeOf(object: Json): LogTime | undefined {
  const named = TIMES.map((name) => object[name]);
  for (const value of [...named, ...Object.values(object)]) {
    const time = asTime(value);
    if (time) return time;
  }
  return undefined;
}

function asTime(value: unknown): LogTime | undefined {
  if (typeof value === 'number') return epochTime(value);
  if (typeof value !== 'string') return undefined;
  if (/^\d{10,19}(\.\d+)?$/.test(value)) return epochTime(Number(value));
  return isoTimeAt(value);
}

/** oslo.log puts the context's values in an object of their own. Its default form has the ids in this order. */
function contextOf(context: unknown): string | undefined {
  if (!isObject(context)) return undefined;
  const ids = [context.global_request_id, context.request_id].filter((id) => typeof id === 'string');
  return ids.length === 0 ? undefined : ids.join(' ');
}

function isErlangProcess(value: unknown): value is string {
  return typeof value === 'string' && ERLANG_PROCESS.test(value);
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

function firstNumber(...values: readonly unknown[]): number | undefined {
  const found = values.find(
    (value) => typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value)),
  );
  return found === undefined ? undefined : Number(found);
}
