import { grouped } from '../config/grouped.ts';
import type { ApplicationHistory, MessagingMoment, NotableRequest } from './application-history.ts';

/** What lost connections cost the requests of an application, as far as its log shows requests. */
export interface Impact {
  /** Requests in the log. 0: it has none, so it cannot show any impact. */
  readonly requests: number;
  /** Requests that took a second or more, and requests that were answered with 500 or above. */
  readonly slow: number;
  readonly failed: number;
  /** Of these, requests during which their process logged that it met a dead connection. */
  readonly slowedByReconnect: number;
  readonly failedByReconnect: number;
  /** Requests that met a dead connection and never got an answer, by the log. */
  readonly unanswered: number;
}

/** The line of a request and its answer are not logged at the same moment, milliseconds. */
const LATENCY_MS = 200;
/** A request without an answer is given this long before it counts, milliseconds. */
const PATIENCE_MS = 60_000;

/** What lost connections cost the requests of an application. */
export function impactOf(
  history: Pick<
    ApplicationHistory,
    'moments' | 'notable' | 'countedRequests' | 'unanswered' | 'answersNameRequests' | 'alive'
  >,
): Impact {
  const { notable, countedRequests, unanswered, answersNameRequests, alive } = history;
  const tied = tiedRequests(history);
  const end = Math.max(...[...alive.values()].map(({ last }) => last));
  const count = (of: Iterable<NotableRequest>, is: (request: NotableRequest) => boolean) =>
    [...of].filter(is).length;
  return {
    requests: countedRequests,
    slow: count(notable, ({ isSlow }) => isSlow),
    failed: count(notable, ({ isFailed }) => isFailed),
    slowedByReconnect: count(tied, ({ isSlow }) => isSlow),
    failedByReconnect: count(tied, ({ isFailed }) => isFailed),
    unanswered: answersNameRequests
      ? [...unanswered.values()].filter((at) => end - at >= PATIENCE_MS).length
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
    if (moment.kind !== 'unreachable') continue;
    const request = requestOf(moment, ofProcess.get(moment.pid) ?? [], tied);
    if (request) tied.add(request);
  }
  return tied;
}

/** The request that a line names, or one that its process was serving. */
function requestOf(
  { at, requestIds }: MessagingMoment,
  candidates: readonly NotableRequest[],
  tied: ReadonlySet<NotableRequest>,
): NotableRequest | undefined {
  const named = candidates.find(({ requestIds: own }) => own.some((id) => requestIds.includes(id)));
  // A request may try several times, and each time is a line.
  if (named) return named;
  return candidates.find(
    (request) =>
      !tied.has(request) &&
      at >= request.from - LATENCY_MS &&
      at <= request.to + LATENCY_MS &&
      (request.requestIds.length === 0 || requestIds.length === 0),
  );
}
