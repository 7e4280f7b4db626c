import type { ApplicationHistory, NotableRequest } from '../history/application-history.ts';
import type { ClockOffset } from './clock-offset.ts';

/** An application's log, and how its times become the broker's. */
export interface TimedApplication {
  readonly history: ApplicationHistory;
  readonly offset: ClockOffset | undefined;
}

/** An access log in a separate file, and the service whose processes answered its requests. */
export interface TiedAccessLog {
  readonly access: ApplicationHistory;
  readonly service: ApplicationHistory;
  /** Milliseconds to add to a time of the access log to get the service's. */
  readonly addMs: number;
}

/**
 * Finds the service of each access log: the only one on the same host that has all of its processes, at the same time.
 * An access log that names no processes cannot be joined.
 */
export function tiedAccessLogs(all: readonly TimedApplication[]): TiedAccessLog[] {
  const services = all.filter(({ history }) => history.alive.size > 0);
  return all.flatMap(({ history: access }) => {
    if (access.alive.size > 0 || access.requests.size === 0) return [];
    const candidates = services.flatMap((service) => {
      const addMs = shift(access, service);
      return addMs !== undefined && hasProcesses(service.history, access, addMs)
        ? [{ access, service: service.history, addMs }]
        : [];
    });
    return candidates.length === 1 ? candidates : [];
  });
}

/** Two logs of one host have the same clock, but perhaps only one of them names its zone. */
function shift(access: ApplicationHistory, { history, offset }: TimedApplication): number | undefined {
  if (access.isZoned === history.isZoned) return 0;
  return access.isZoned && offset ? -offset.addMs : undefined;
}

function hasProcesses(service: ApplicationHistory, access: ApplicationHistory, addMs: number): boolean {
  const isElsewhere = access.host !== undefined && service.host !== undefined && access.host !== service.host;
  if (isElsewhere) return false;
  const [first, last] = span(service);
  return [...access.requests].every(
    ([pid, times]) => service.alive.has(pid) && times.some((at) => at + addMs >= first && at + addMs <= last),
  );
}

/** When a log has its first and its last entry, by its own clock. */
export function span({ alive }: Pick<ApplicationHistory, 'alive'>): [first: number, last: number] {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const process of alive.values()) {
    first = Math.min(first, process.first);
    last = Math.max(last, process.last);
  }
  return [first, last];
}

/** A service's history with the requests of its access logs, all by its own clock. */
export function withAccessLogs(
  history: ApplicationHistory,
  tied: readonly TiedAccessLog[],
): ApplicationHistory {
  const own = tied.filter(({ service }) => service === history);
  if (own.length === 0) return history;
  const requests = new Map(history.requests);
  for (const { access, addMs } of own) {
    for (const [pid, times] of access.requests)
      requests.set(pid, [...(requests.get(pid) ?? []), ...times.map((at) => at + addMs)]);
  }
  return { ...history, requests, notable: [...history.notable, ...own.flatMap(notableOf)] };
}

/** The slow and failed requests of an access log, by the service's clock. */
export function notableOf({ access, addMs }: Pick<TiedAccessLog, 'access' | 'addMs'>): NotableRequest[] {
  return access.notable.map((request) => ({
    ...request,
    from: request.from + addMs,
    to: request.to + addMs,
  }));
}
