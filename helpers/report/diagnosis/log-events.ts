import { durationWords, unknownLoggerWords } from '../../diagnosis/diagnosis-words.ts';
import type { ConnectionHistory, LineRef } from '../../diagnosis/history/connection-history.ts';
import type { Restart } from '../../diagnosis/history/restarts.ts';
import type { JoinedDrop } from '../../diagnosis/join/joined-drop.ts';
import { brokerPatience } from '../../rows/traffic.ts';
import type { MarkKind } from '../page/timeline-data.ts';
import { type LoggedLine, loggedKinds, type ProcessGroup } from './log-processes.ts';

/** Something that a line of a log says. */
export interface LogEvent {
  /** By the broker's clock, milliseconds since the epoch. */
  readonly at: number;
  readonly kind: MarkKind;
  readonly pid: number | undefined;
  readonly title: string;
  readonly facts: readonly string[];
  readonly ref: LineRef;
  /** The connection that ended with it. */
  readonly connection?: ConnectionHistory | undefined;
}

/** Everything that the logs say of a group's processes until a time, in order. */
export function eventsOf({ processes }: ProcessGroup, restarts: readonly Restart[], to: number): LogEvent[] {
  const all = processes.flatMap(({ pid, drops, otherEnds, lines }) => [
    ...drops.map(dropEvent),
    ...otherEnds.map(endEvent),
    ...lines.map((line) => lineEvent(line, pid)),
  ]);
  return [...all, ...restarts.flatMap(restartEvent)].filter(({ at }) => at <= to).sort((a, b) => a.at - b.at);
}

/** `process 18`. */
export function processWords(pid: number | undefined): string {
  return pid === undefined ? 'an unknown process' : `process ${pid}`;
}

function dropEvent(joined: JoinedDrop): LogEvent {
  const { drop: connection } = joined;
  const { pid, endedAt: at, ref } = connection;
  return {
    at,
    kind: 'broker drop',
    pid,
    title: `The broker drops a connection of ${processWords(pid)}`,
    facts: [silenceWords(connection), loggedWords(joined), backWords(connection)],
    ref,
    connection,
  };
}

function silenceWords({ timeoutSeconds }: ConnectionHistory): string {
  if (timeoutSeconds === undefined) return 'the log does not say for how long it heard nothing';
  const { leastMs, mostMs } = brokerPatience(timeoutSeconds);
  return `it heard nothing for ${leastMs / 1000} to ${mostMs / 1000} s (heartbeat timeout ${timeoutSeconds} s)`;
}

function loggedWords({ drop, loggedBy, loggedAt, unknown }: JoinedDrop): string {
  if (loggedBy === undefined)
    return `could not tell who logged it${unknown ? `: ${unknownLoggerWords[unknown]}` : ''}`;
  return `logged by ${loggedBy}${loggedAt === undefined ? '' : ` ${durationWords(loggedAt - drop.endedAt)} later`}`;
}

function backWords({ endedAt, reopenedAt }: ConnectionHistory): string {
  return reopenedAt === undefined
    ? 'no reconnect in the log'
    : `reconnected ${durationWords(reopenedAt - endedAt)} later`;
}

function endEvent(connection: ConnectionHistory): LogEvent {
  const { pid, endedAt: at, ended, ref } = connection;
  const title = `A connection of ${processWords(pid)} ends: ${ended}`;
  return { at, kind: 'connection', pid, title, facts: [backWords(connection)], ref, connection };
}

function lineEvent({ at, kind, level, ref, drop }: LoggedLine, pid: number | undefined): LogEvent {
  const [markKind, words] = loggedKinds[kind];
  return {
    at,
    kind: markKind,
    pid,
    title: words.replace('PROCESS', processWords(pid)),
    facts: [
      ...(level === '' ? [] : [level]),
      ...(drop ? [`its connection was dropped ${durationWords(at - drop.endedAt)} before`] : []),
    ],
    ref,
  };
}

function restartEvent({ broker, at, lastSeenAt = at, backAt, ref }: Restart): LogEvent[] {
  if (at === undefined || lastSeenAt === undefined) return [];
  const isCrash = lastSeenAt < at;
  const facts = [
    ...(isCrash ? [`last seen ${durationWords(at - lastSeenAt)} before`] : []),
    ...(backAt === undefined ? [] : [`back after ${durationWords(backAt - at)}`]),
  ];
  const title = `The broker ${isCrash ? 'starts' : 'stops'}: ${broker}`;
  return [{ at, kind: 'broker restart', pid: undefined, title, facts, ref }];
}
