import { osloMessaging } from '../applications/oslo-messaging.ts';
import { neighbourLines } from '../logs/messaging-line.ts';
import { brokerReasons } from '../logs/rabbitmq-log.ts';
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

/** The lines to watch, with the patterns by which the suite itself reads logs. */
export const watchedLines: readonly WatchedLine[] = [
  {
    id: 'missed-heartbeats',
    log: 'broker',
    patterns: [brokerReasons['missed heartbeats']],
    means: 'RabbitMQ closed a connection because its client sent no heartbeat',
    advice: 'The line above names the client. Give both logs to `npm run diagnose`.',
  },
  {
    id: 'heartbeat-not-sent',
    log: 'broker',
    patterns: [brokerReasons['network error']],
    means: troubles.network.title,
    advice: troubles.network.advice,
  },
  {
    id: 'client-gone',
    log: 'broker',
    patterns: [brokerReasons['lost by the client']],
    means: troubles['client gone'].title,
    advice: troubles['client gone'].advice,
  },
  {
    id: 'connection-lost',
    log: 'application',
    patterns: [...heartbeatErrors.map(({ pattern }) => pattern), unreachable],
    means: 'oslo.messaging lost its connection to RabbitMQ',
    advice: 'RabbitMQ’s log says how the connection ended. Give both logs to `npm run diagnose`.',
  },
  neighbour('shared-socket', 'shared socket', [neighbourLines.forked, neighbourLines['unexpected frame']]),
  neighbour('cross-thread', 'cross thread', [neighbourLines['cross thread']]),
  neighbour('dead-reply-queue', 'dead reply queue', [neighbourLines['reply undeliverable']]),
];

function neighbour(id: string, kind: TroubleKind, patterns: readonly RegExp[]): WatchedLine {
  const { title, advice } = troubles[kind];
  return { id, log: 'application', patterns, means: title, advice };
}

/** One pattern for all of a line's forms, in the syntax that JavaScript, RE2 and Python share. */
export function patternOf({ patterns }: Pick<WatchedLine, 'patterns'>): string {
  return patterns.map(({ source }) => source).join('|');
}
