import { isoTimeAt, type LogTime } from './log-time.ts';
import type { PrefixFacts, Unwrapped } from './prefix-facts.ts';

/** An entry of a Python program's log. */
export interface PythonEntry {
  readonly time: LogTime | undefined;
  readonly pid: number | undefined;
  readonly level: string;
  /** Empty if the log's form does not name it. */
  readonly logger: string;
  /** oslo.log's context, without its brackets: `-`, or `req-… user project`. */
  readonly context: string;
  readonly message: string;
}

/** Levels, as a pattern. */
export const PYTHON_LEVEL = 'DEBUG|INFO|AUDIT|WARNING|WARN|ERROR|CRITICAL|FATAL|TRACE';
// oslo.log's default form, after the time: PID LEVEL LOGGER [CONTEXT] message; an excerpt may lack the pid
const OSLO = new RegExp(
  `^(?:(?<pid>\\d+) )?(?<level>${PYTHON_LEVEL}) +(?<logger>\\S+) (?:\\[(?<context>[^\\]]*)\\] )?`,
);
// celery: [2024-01-01 10:00:00,123: ERROR/MainProcess] message
const CELERY = new RegExp(`^: (?<level>${PYTHON_LEVEL})/[^\\]]*\\] `);
// logging's common forms: - LOGGER - LEVEL - message, [LEVEL] LOGGER: message, LEVEL [LOGGER] message, LEVEL:LOGGER:message
const FORMS = [
  OSLO,
  new RegExp(`^[-:|] *(?<logger>\\S+) [-:|] (?<level>${PYTHON_LEVEL}) *[-:|] `),
  new RegExp(`^(?:[-:|] *)?\\[?(?<level>${PYTHON_LEVEL})\\]? *[-:|]? *\\[?(?<logger>[\\w.]+)\\]?[ :|-]+`),
];

/**
 * Reads a line with a head of its own, in the usual forms of oslo.log and Python's `logging`. The prefix's facts count
 * if the line lacks them. Undefined for a line without a head.
 */
export function pythonEntry({ line, prefix }: Unwrapped): PythonEntry | undefined {
  const isBracketed = line.charCodeAt(0) === BRACKET;
  const time = isoTimeAt(line, isBracketed ? 1 : 0);
  if (!time) return withoutTime(line, prefix);
  const rest = line.slice(line.charCodeAt(time.end) === SPACE ? time.end + 1 : time.end);
  return afterTime(isBracketed ? [CELERY] : FORMS, rest, time, prefix);
}

const [SPACE, BRACKET] = [32, 91];

/** journald and JSON have the time, and often the level and the logger, in fields of their own. */
function withoutTime(line: string, prefix: PrefixFacts): PythonEntry | undefined {
  if (prefix.logger !== undefined) {
    const { time, pid, level = '', logger, context = '' } = prefix;
    return { time, pid, level: level.toUpperCase(), logger, context, message: line };
  }
  return prefix.time && afterTime(FORMS, line, prefix.time, prefix);
}

/** The first form that fits counts. */
function afterTime(
  forms: readonly RegExp[],
  rest: string,
  time: LogTime,
  prefix: PrefixFacts,
): PythonEntry | undefined {
  for (const form of forms) {
    const match = form.exec(rest);
    if (!match) continue;
    // Only celery's form has no logger.
    const { pid, level = '', logger = 'celery', context = '' } = match.groups ?? {};
    // `LEVEL logger: message` is not oslo.log's.
    if (form === OSLO && context === '' && pid === undefined && !/^[\w.]+$/.test(logger)) continue;
    const message = rest.slice(match[0].length);
    return { time, pid: pid === undefined ? prefix.pid : Number(pid), level, logger, context, message };
  }
  return undefined;
}
