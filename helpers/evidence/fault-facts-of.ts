import { asksOf, type Route, routes } from '../applications/routes.ts';
import { serverOf } from '../deployment/deployment.ts';
import type { Traffic } from '../rows/traffic.ts';
import { listensByLog } from './broker-log.ts';
import type { FaultFacts, FaultSeen, RouteFacts } from './fault-facts.ts';
import { median } from './median.ts';
import type { Observation } from './observation.ts';
import { isAnswered, type RequestRecord } from './request-record.ts';

/** The last share of the window, in which a deployment must have recovered. */
const END = 0.2;

/** Extracts the facts about a fault from an observation. */
export function faultFactsOf(
  seen: Pick<
    Observation,
    'application' | 'brokerLog' | 'deployment' | 'requests' | 'traffic' | 'serverErrorLog'
  >,
  done: FaultSeen,
): FaultFacts {
  const { reload } = serverOf(seen.deployment);
  const asks = asksOf(seen.application);
  const from = occupiedAt(seen, done);
  const last = seen.requests.slice(Math.floor(seen.requests.length * (1 - END)));
  return {
    ...done,
    brokerListens: listensByLog(seen.brokerLog.lines.slice(0, seen.brokerLog.endMarker)),
    ...(reload && { reloadLines: seen.serverErrorLog.lines.filter((line) => reload.logs.test(line)) }),
    underWay: seen.requests.filter(({ sentAt, endedAt }) => sentAt < done.beganAt && endedAt > done.beganAt)
      .length,
    routes: Object.fromEntries(
      routes.flatMap((route) => {
        const isOfRoute = ({ path }: RequestRecord) => path === asks[route]?.path;
        const all = seen.requests.filter(isOfRoute);
        if (all.length === 0) return [];
        const during = all.filter(({ sentAt }) => sentAt >= (needsBroker(route) ? done.beganAt : from));
        return [[route, routeFacts(all, during, last.filter(isOfRoute), done, seen.traffic)]];
      }),
    ),
  };
}

function needsBroker(route: Route): boolean {
  return route === 'amqp' || route === 'call';
}

/**
 * The time from which every process may be occupied, milliseconds since the epoch. By then, as many requests that need
 * the broker had been sent during the fault as there are processes. Earlier, a process that is still free may answer.
 */
function occupiedAt(
  { application, deployment, requests }: Pick<Observation, 'application' | 'deployment' | 'requests'>,
  { beganAt }: FaultSeen,
): number {
  const asks = asksOf(application);
  const paths = routes.filter(needsBroker).map((route) => asks[route]?.path);
  const needing = requests.filter(({ path, sentAt }) => sentAt >= beganAt && paths.includes(path));
  return needing[deployment.processes - 1]?.sentAt ?? Number.POSITIVE_INFINITY;
}

function routeFacts(
  all: readonly RequestRecord[],
  during: readonly RequestRecord[],
  last: readonly RequestRecord[],
  { beganAt, endingAt, overAt }: FaultSeen,
  { latestMs }: Pick<Traffic, 'latestMs'>,
): RouteFacts {
  // A request that is sent at the last moment has no time to be answered during the fault.
  const meanwhile = during.filter(({ sentAt }) => sentAt < endingAt - latestMs);
  const durations = meanwhile.filter(isAnswered).map(({ sentAt, endedAt }) => endedAt - sentAt);
  const middle = median(durations);
  const again = all
    .filter((request) => isAnswered(request) && request.endedAt >= overAt)
    .map(({ endedAt }) => endedAt);
  return {
    before: counted(all.filter(({ endedAt }) => endedAt <= beganAt)),
    meanwhile: {
      sent: meanwhile.length,
      answered: meanwhile.filter((request) => isAnswered(request) && request.endedAt <= endingAt).length,
      medianMs: middle === undefined ? undefined : Math.round(middle),
      slowestMs: durations.length === 0 ? undefined : Math.max(...durations),
    },
    againAfterMs: again.length === 0 ? undefined : Math.min(...again) - overAt,
    atEnd: counted(last),
  };
}

function counted(requests: readonly RequestRecord[]): { sent: number; answered: number } {
  return { sent: requests.length, answered: requests.filter(isAnswered).length };
}
