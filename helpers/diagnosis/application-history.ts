import type { ApplicationEvent, LineOrigin, RequestEvent } from '../logs/log-reader.ts';
import type { LogTime } from '../logs/log-time.ts';
import { MOST_KEPT } from './broker-history.ts';
import type { LineRef } from './connection-history.ts';
import { LogGaps } from './log-gaps.ts';

/** A line about messaging. Its time is by the application's clock, and read as UTC if the log names no zone. */
export interface MessagingMoment
  extends Pick<ApplicationEvent, 'kind' | 'pid' | 'connectionId' | 'clientPort' | 'level' | 'logger'> {
  readonly at: number;
  readonly ref: LineRef;
}

/** The events of one service on one host, if files and prefixes distinguish services and hosts. */
export interface ApplicationHistory {
  readonly source: string;
  readonly host: string | undefined;
  readonly isZoned: boolean;
  readonly precisionMs: number;
  readonly moments: MessagingMoment[];
  /** When each process was seen alive, first and last. */
  readonly alive: Map<number, { first: number; last: number }>;
  readonly gaps: LogGaps;
  /** When each process answered a request. */
  readonly requests: Map<number, number[]>;
  /** Requests that took a second or more, and requests that were answered with 500 or above. */
  slowRequests: number;
  failedRequests: number;
  countedRequests: number;
  /** How often lines show that their zone is this far ahead of UTC. Such lines also have a collector's time. */
  zoneVotes: Map<number, number>;
}

const QUARTER_MS = 15 * 60_000;
const SLOW_MS = 1000;

/** Collects what the logs of all applications say, by source. */
export class ApplicationHistories {
  readonly all = new Map<string, ApplicationHistory>();

  add(event: ApplicationEvent, log: string, file: string): void {
    const { time, pid, kind, connectionId, clientPort, level, logger, line } = event;
    if (!time) return;
    const history = this.historyOf(log, event, time);
    if (history.moments.length >= MOST_KEPT) return;
    const facts = { kind, pid, connectionId, clientPort, level, logger };
    history.moments.push({ ...facts, at: time.ms, ref: { file, line } });
  }

  request(event: RequestEvent, log: string): void {
    if (!event.time) return;
    const history = this.historyOf(log, event, event.time);
    history.countedRequests += 1;
    if ((event.durationMs ?? 0) >= SLOW_MS) history.slowRequests += 1;
    if (event.status >= 500) history.failedRequests += 1;
    if (event.pid === undefined) return;
    const times = history.requests.get(event.pid);
    if (!times) history.requests.set(event.pid, [event.time.ms]);
    else if (times.length < MOST_KEPT) times.push(event.time.ms);
  }

  alive(pid: number | undefined, time: LogTime, origin: LineOrigin, log: string): void {
    if (pid === undefined) return;
    const { alive, gaps } = this.historyOf(log, origin, time);
    gaps.add(time.ms);
    const seen = alive.get(pid);
    if (!seen) alive.set(pid, { first: time.ms, last: time.ms });
    else if (time.ms > seen.last) seen.last = time.ms;
    else if (time.ms < seen.first) seen.first = time.ms;
  }

  twoClocks(collectedAt: LogTime, own: LogTime, log: string): void {
    const history = this.all.get(log);
    if (!history) return;
    const ahead = Math.round((own.ms - collectedAt.ms) / QUARTER_MS) * QUARTER_MS;
    history.zoneVotes.set(ahead, (history.zoneVotes.get(ahead) ?? 0) + 1);
  }

  private historyOf(
    log: string,
    { host, program, container }: LineOrigin,
    time: LogTime,
  ): ApplicationHistory {
    const source = [log, host, program, container].filter((it) => it !== undefined).join(' ');
    const known = this.all.get(source);
    if (known) return known;
    const history: ApplicationHistory = {
      source,
      host,
      isZoned: time.isZoned,
      precisionMs: time.precisionMs,
      moments: [],
      alive: new Map(),
      gaps: new LogGaps(),
      requests: new Map(),
      slowRequests: 0,
      failedRequests: 0,
      countedRequests: 0,
      zoneVotes: new Map(),
    };
    this.all.set(source, history);
    return history;
  }
}

/** How far the log's zone is ahead of UTC, by most of its lines; undefined if no line shows it. */
export function votedZoneMs({ zoneVotes }: Pick<ApplicationHistory, 'zoneVotes'>): number | undefined {
  const [first] = [...zoneVotes].sort(([, a], [, b]) => b - a);
  return first?.[0];
}
