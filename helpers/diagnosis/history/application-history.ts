import { getOrMake } from '../../config/get-or-make.ts';
import type { ApplicationEvent, LineOrigin, RequestEvent } from '../../logs/log-reader.ts';
import type { LogTime } from '../../logs/log-time.ts';
import { MOST_KEPT } from './broker-history.ts';
import type { LineRef } from './connection-history.ts';
import { LogGaps } from './log-gaps.ts';
import { RecentMap } from './recent-map.ts';

/** A line about messaging. Its time is by the application's own clock. A time without a zone is read as UTC. */
export interface MessagingMoment
  extends Pick<
    ApplicationEvent,
    'kind' | 'connectionId' | 'clientPort' | 'reason' | 'level' | 'option' | 'requestIds'
  > {
  readonly at: number;
  readonly pid: number | undefined;
  readonly ref: LineRef;
}

/** What one application's log says: one service on one host, as far as files and prefixes show which line is whose. */
export interface ApplicationHistory {
  readonly source: string;
  readonly host: string | undefined;
  readonly isZoned: boolean;
  readonly precisionMs: number;
  readonly moments: MessagingMoment[];
  /** Whether it has more of them than are kept. */
  hasMoreMoments: boolean;
  /** When each process was seen alive, first and last. */
  readonly alive: Map<number, { first: number; last: number }>;
  readonly gaps: LogGaps;
  /** Whether the log has lines at INFO. Without them, it may lack the heartbeat's line, which is at INFO today. */
  hasInfo: boolean;
  /** When each process answered a request. */
  readonly requests: Map<number, number[]>;
  countedRequests: number;
  /** Requests of which the log says how long they took. */
  timedRequests: number;
  /** Requests that did not fail and took a second or more. */
  slowRequests: number;
  /** Requests that were answered with 500 or above. */
  failedRequests: number;
  /** The first {@link MOST_KEPT} requests that took a second or more, or were answered with 500 or above. */
  readonly notable: NotableRequest[];
  /** Which process met a dead connection, and when, by the request's id, for requests without an answer so far. */
  readonly unanswered: Map<string, { readonly at: number; readonly pid: number | undefined }>;
  /** The latest requests that were answered, by their ids. Their threads may go on. */
  readonly answered: RecentMap<true>;
  /** Whether the lines of answers name their requests. */
  answersNameRequests: boolean;
  /** How far the zone is ahead of UTC, by each line that also has a collector's time. */
  zoneVotes: Map<number, number>;
}

/** A request that was slow or failed. */
export interface NotableRequest {
  /** Milliseconds, by the application's clock. */
  readonly from: number;
  readonly to: number;
  readonly pid: number | undefined;
  readonly requestIds: readonly string[];
  readonly isSlow: boolean;
  readonly isFailed: boolean;
}

const QUARTER_MS = 15 * 60_000;
/** A request that takes this long is slow. kombu waits for a whole second before it connects again. */
const SLOW_MS = 1000;
const FAILED_FROM = 500;

/** Collects what the logs of all applications say, by source and by whether its times name a zone. */
export class ApplicationHistories {
  readonly all = new Map<string, ApplicationHistory>();

  add(event: ApplicationEvent, log: string, file: string): void {
    const { time, pid, kind, connectionId, clientPort, reason, level, option, requestIds, line } = event;
    if (!time) return;
    const history = this.historyOf(log, event, time);
    if (history.moments.length >= MOST_KEPT) {
      history.hasMoreMoments = true;
      return;
    }
    const facts = { kind, connectionId, clientPort, reason, level, option, requestIds };
    history.moments.push({ ...facts, at: time.ms, pid, ref: { file, line } });
    const own = requestIds.at(-1);
    if (kind !== 'unreachable' || own === undefined || history.answered.get(own)) return;
    history.unanswered.set(own, { at: time.ms, pid });
  }

  request(event: RequestEvent, log: string): void {
    if (!event.time) return;
    const history = this.historyOf(log, event, event.time);
    history.countedRequests += 1;
    if (event.durationMs !== undefined) history.timedRequests += 1;
    noteRequest(history, event, event.time.ms);
    if (event.pid === undefined) return;
    const times = getOrMake(history.requests, event.pid, () => []);
    if (times.length < MOST_KEPT) times.push(event.time.ms);
  }

  alive(pid: number | undefined, time: LogTime, origin: LineOrigin, level: string, log: string): void {
    if (pid === undefined) return;
    const history = this.historyOf(log, origin, time);
    const { alive, gaps } = history;
    if (level === 'INFO' || level === 'DEBUG') history.hasInfo = true;
    gaps.add(time.ms);
    const seen = getOrMake(alive, pid, () => ({ first: time.ms, last: time.ms }));
    seen.first = Math.min(seen.first, time.ms);
    seen.last = Math.max(seen.last, time.ms);
  }

  twoClocks(collectedAt: LogTime, own: LogTime, origin: LineOrigin, log: string): void {
    const history = this.historyOf(log, origin, own);
    const ahead = Math.round((own.ms - collectedAt.ms) / QUARTER_MS) * QUARTER_MS;
    history.zoneVotes.set(ahead, (history.zoneVotes.get(ahead) ?? 0) + 1);
  }

  private historyOf(
    log: string,
    { host, program, container }: LineOrigin,
    time: LogTime,
  ): ApplicationHistory {
    const source = [log, host, program, container].filter((part) => part !== undefined).join(' ');
    // A program that logs times of its own has some lines with the collector's time only, in another zone.
    const key = `${source} ${time.isZoned}`;
    return getOrMake(this.all, key, () => ({
      source,
      host,
      isZoned: time.isZoned,
      precisionMs: time.precisionMs,
      moments: [],
      hasMoreMoments: false,
      alive: new Map(),
      gaps: new LogGaps(),
      hasInfo: false,
      requests: new Map(),
      countedRequests: 0,
      timedRequests: 0,
      slowRequests: 0,
      failedRequests: 0,
      notable: [],
      unanswered: new Map(),
      answered: new RecentMap(MOST_KEPT),
      answersNameRequests: false,
      zoneVotes: new Map(),
    }));
  }
}

function noteRequest(history: ApplicationHistory, event: RequestEvent, at: number): void {
  const { durationMs = 0, status, pid, requestIds, timeOf } = event;
  for (const id of requestIds) {
    history.unanswered.delete(id);
    history.answered.set(id, true);
  }
  if (requestIds.length > 0) history.answersNameRequests = true;
  const [isSlow, isFailed] = [durationMs >= SLOW_MS, status >= FAILED_FROM];
  if (isFailed) history.failedRequests += 1;
  else if (isSlow) history.slowRequests += 1;
  if (!(isSlow || isFailed) || history.notable.length >= MOST_KEPT) return;
  const from = timeOf === 'request' ? at : at - durationMs;
  history.notable.push({ from, to: from + durationMs, pid, requestIds, isSlow, isFailed });
}

/** How far a log's zone is ahead of UTC, by most of its lines. Undefined if none shows it. */
export function votedZoneMs({ zoneVotes }: Pick<ApplicationHistory, 'zoneVotes'>): number | undefined {
  const [first] = [...zoneVotes].sort(([, a], [, b]) => b - a);
  return first?.[0];
}
