import { grouped } from '../../config/grouped.ts';
import type { ApplicationHistory, MessagingMoment, NotableRequest } from '../history/application-history.ts';
import { notableOf, span, type TiedAccessLog } from './access-logs.ts';
import { isOfAwayBroker } from './loss-line.ts';

/** What lost connections cost the requests of an application, as far as a log shows it. */
export interface Impact {
  /** Requests in the log. Without any, it cannot show an impact. */
  readonly requests: number;
  /** Requests of which the log says how long they took. Others may have been slow. */
  readonly timed: number;
  /** The log whose lines say which requests met a dead connection. Undefined: could not tell, and none is counted. */
  readonly tiedTo?: string | undefined;
  /** Requests that did not fail and took a second or more. */
  readonly slow: number;
  /** Requests that were answered with 500 or above. */
  readonly failed: number;
  /** Whether these were too many to look at each: the next two figures are lower bounds then. */
  readonly isCut: boolean;
  /** Of these, requests during which their process logged that it met a dead connection. */
  readonly slowedByReconnect: number;
  readonly failedByReconnect: number;
  /** Requests that met a dead connection and never got an answer, by the log. */
  readonly unanswered: number;
}

/** A request's lines may differ by this many milliseconds from the times that its answer's line shows. */
const LATENCY_MS = 200;
/** A request counts as unanswered after this many milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Ties slow and failed requests to the lines in which they met a dead connection.
 *
 * @param tied access logs whose service is known.
 */
export function impactOf(history: ApplicationHistory, tied: readonly TiedAccessLog[]): Impact {
  const { countedRequests, timedRequests, slowRequests, failedRequests } = history;
  const { unanswered, answersNameRequests, requests } = history;
  const log = tied.find(({ access }) => access === history);
  const notable = log ? notableOf(log) : history.notable;
  const service = log?.service ?? (history.alive.size > 0 ? history : undefined);
  const met = service ? [...tiedRequests({ moments: service.moments, notable })] : [];
  const [, end] = span(history);
  // A worker that consumes messages logs the ids of requests that other processes answer.
  const isServer = (pid: number | undefined) => pid !== undefined && requests.has(pid);
  const count = (of: readonly NotableRequest[], is: (request: NotableRequest) => boolean) =>
    of.filter(is).length;
  return {
    requests: countedRequests,
    timed: timedRequests,
    tiedTo: service?.source,
    slow: slowRequests,
    failed: failedRequests,
    isCut: slowRequests + failedRequests > history.notable.length || (service?.hasMoreMoments ?? false),
    slowedByReconnect: count(met, ({ isSlow, isFailed }) => isSlow && !isFailed),
    failedByReconnect: count(met, ({ isFailed }) => isFailed),
    unanswered: answersNameRequests
      ? [...unanswered.values()].filter(({ at, pid }) => isServer(pid) && end - at >= PATIENCE_MS).length
      : 0,
  };
}

/** The slow and failed requests in whose time their process logged that it met a dead connection. */
export function tiedRequests({
  moments,
  notable,
}: Pick<ApplicationHistory, 'moments' | 'notable'>): ReadonlySet<NotableRequest> {
  const tied = new Set<NotableRequest>();
  const ofProcess = grouped(notable, ({ pid }) => pid);
  for (const moment of moments) {
    if (moment.kind !== 'unreachable' || isOfAwayBroker(moment)) continue;
    const request = requestOf(moment, ofProcess.get(moment.pid) ?? [], tied);
    if (request) tied.add(request);
  }
  return tied;
}

/** The request that a line names, or else one that its process was serving. */
function requestOf(
  { at, requestIds }: MessagingMoment,
  candidates: readonly NotableRequest[],
  tied: ReadonlySet<NotableRequest>,
): NotableRequest | undefined {
  const named = candidates.find(({ requestIds: own }) => own.some((id) => requestIds.includes(id)));
  // A request may try several times, and each time is a line.
  if (named) return named;
  // A thread that consumes messages, or waits for replies, logs no id. Its line is about no request that has one.
  return candidates.find(
    (request) =>
      !tied.has(request) &&
      at >= request.from - LATENCY_MS &&
      at <= request.to + LATENCY_MS &&
      request.requestIds.length === 0,
  );
}
