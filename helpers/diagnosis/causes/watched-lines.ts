import { osloMessaging } from '../../applications/oslo-messaging.ts';
import { lookalikeLines } from '../../logs/messaging-line.ts';
import { brokerReasons } from '../../logs/rabbitmq-log.ts';
import { type TroubleKind, troubles } from './troubles.ts';

/** A line that monitoring should look for. */
export interface WatchedLine {
  /** Words with dashes, stable. */
  readonly id: string;
  readonly log: 'broker' | 'application';
  /** Any of these may be anywhere in the line. */
  readonly patterns: readonly RegExp[];
  /** One sentence, without a full stop. */
  readonly means: string;
  readonly advice: string;
}

const { heartbeatErrors, unreachable } = osloMessaging.signatures;
const { forked, 'unexpected frame': frame } = lookalikeLines;

/** The lines to watch, with the patterns by which the suite itself reads logs. */
export const watchedLines: readonly WatchedLine[] = [
  {
    id: 'missed-heartbeats',
    log: 'broker',
    patterns: [brokerReasons['missed heartbeats']],
    means: 'RabbitMQ closed a connection because its client sent no heartbeat',
    advice: 'The line above names the client. Give both logs to `npm run diagnose`.',
  },
  lineOf('network', 'heartbeat-not-sent', 'broker', brokerReasons['network error']),
  lineOf('client gone', 'client-gone', 'broker', brokerReasons['lost by the client']),
  {
    id: 'connection-lost',
    log: 'application',
    patterns: [...heartbeatErrors.map(({ pattern }) => pattern), unreachable],
    means: 'oslo.messaging lost its connection to RabbitMQ',
    advice: 'RabbitMQ’s log says how the connection ended. Give both logs to `npm run diagnose`.',
  },
  lineOf('shared socket', 'shared-socket', 'application', forked, frame),
  lineOf('cross thread', 'cross-thread', 'application', lookalikeLines['cross thread']),
  lineOf('dead reply queue', 'dead-reply-queue', 'application', lookalikeLines['reply undeliverable']),
];

/** A line that shows a trouble. */
function lineOf(
  kind: TroubleKind,
  id: string,
  log: WatchedLine['log'],
  ...patterns: readonly RegExp[]
): WatchedLine {
  const { title: means, advice } = troubles[kind];
  return { id, log, patterns, means, advice };
}

/** One pattern for all of a line's forms, in the syntax that JavaScript, RE2 and Python share. */
export function patternOf({ patterns }: Pick<WatchedLine, 'patterns'>): string {
  return patterns.map(({ source }) => source).join('|');
}
