import { grouped } from '../../config/grouped.ts';
import { LOG_LATENCY_MS } from '../../evidence/drops.ts';
import type { LoggedBy } from '../../evidence/evidence.ts';
import type { ApplicationHistory, MessagingMoment, NotableRequest } from '../history/application-history.ts';
import { type BrokerHistory, MOST_KEPT } from '../history/broker-history.ts';
import { type ConnectionHistory, type LineRef, timeoutMsOf } from '../history/connection-history.ts';
import { span, type TimedApplication } from './access-logs.ts';
import { groupsOf, isOfGroup } from './log-owner.ts';
import {
  AFTERTHOUGHT_MS,
  type Clock,
  type DropGroup,
  hasLineNear,
  isOfAwayBroker,
  isOfLoss,
  type LossLine,
  linesOf,
  matchesOf,
} from './loss-line.ts';

/** A drop, and what the application's log says about it. */
export interface JoinedDrop {
  readonly drop: ConnectionHistory;
  /** Undefined if it is not known. */
  readonly loggedBy: LoggedBy | undefined;
  /** Why it is not known. */
  readonly unknown?:
    | 'no log of the application'
    | 'clocks'
    | 'log does not cover it'
    | 'log has gaps'
    | 'log has no level INFO'
    | 'line missing'
    | 'several logs'
    | undefined;
  /** By the broker's clock. */
  readonly loggedAt?: number | undefined;
  /** Whether the heartbeat logged it, first or later. */
  readonly hasHeartbeatLine?: boolean | undefined;
  /** Whether the process tried to reach the broker around the drop, and could not. */
  readonly isAway?: boolean | undefined;
  /** Milliseconds that one request took, if the process was serving it and nothing else when heartbeats were due. */
  readonly busyMs?: number | undefined;
  /** Whether the process logged something later, so that it was alive. */
  readonly isSeenLater?: boolean | undefined;
  /** The application's log, by its source. */
  readonly source?: string | undefined;
  readonly ref?: LineRef | undefined;
  /** Whether the process served a request at that line, or answered one within a second of it; undefined: not known. */
  readonly besideRequest?: boolean | undefined;
}

/** What one log says about a drop. */
interface Candidate extends JoinedDrop {
  /** Whether the line names the connection, or was logged at the moment of its reconnect. */
  readonly isSure: boolean;
}

const BESIDE_MS = 1000;

/** The drops of the brokers' logs, joined with the lines of the applications' logs. */
export interface Joined {
  readonly drops: readonly JoinedDrop[];
  /** Lines of lost connections that match no drop, with their time by the broker's clock if that is known. */
  readonly alone: readonly {
    readonly moment: MessagingMoment;
    readonly at: number | undefined;
    readonly source: string;
  }[];
}

/** Joins the drops of the brokers' logs with the lines of the applications' logs. */
export function join(broker: BrokerHistory, applications: readonly TimedApplication[]): Joined {
  const groups = groupsOf(broker.drops);
  const found = new Map<ConnectionHistory, Candidate>();
  const matched = new Set<MessagingMoment>();
  for (const { history, offset } of applications) {
    if (!offset) continue;
    const clock = { addMs: offset.addMs, errorMs: Math.max(history.precisionMs, broker.precisionMs) };
    for (const group of groups) {
      if (!isOfGroup(history, clock, group, groups, broker)) continue;
      for (const process of joinGroup(history, clock, group, broker)) {
        for (const moment of process.matched) matched.add(moment);
        for (const candidate of process.candidates) {
          const before = found.get(candidate.drop);
          found.set(candidate.drop, before ? better(before, candidate) : candidate);
        }
      }
    }
  }
  const why = whyNoLog(applications);
  return {
    drops: broker.drops.map((drop) => found.get(drop) ?? { drop, loggedBy: undefined, unknown: why }),
    alone: applications.flatMap(({ history, offset }) =>
      history.moments
        .filter((moment) => isOfLoss(moment) && !matched.has(moment))
        .map((moment) => ({ moment, at: offset && moment.at + offset.addMs, source: history.source })),
    ),
  };
}

/** The better of what two logs say about one drop. Processes of several containers may have the same id. */
function better(one: Candidate, other: Candidate): Candidate {
  if (one.isSure !== other.isSure) return one.isSure ? one : other;
  if (one.loggedBy === undefined) return other;
  if (one.isSure || other.loggedBy === undefined || one.loggedBy === other.loggedBy) return one;
  return { drop: one.drop, loggedBy: undefined, unknown: 'several logs', isSure: false };
}

/** Why no application's log says anything about a drop. */
function whyNoLog(applications: readonly TimedApplication[]): JoinedDrop['unknown'] {
  if (applications.length === 0) return 'no log of the application';
  return applications.every(({ offset }) => offset === undefined) ? 'clocks' : 'no log of the application';
}

/** The lines of one process about lost connections, and how far they can be relied on. */
interface ProcessLines {
  readonly history: ApplicationHistory;
  readonly clock: Clock;
  readonly lines: readonly LossLine[];
  /** Whether the log covers a drop at this time. */
  readonly covers: (at: number) => boolean;
  /** Whether lines are left out, because they may be about drops after the end of the broker's log. */
  readonly isCut: boolean;
  /**
   * Whether each reconnect has its line. A process that reconnects logs why, so a missing line means another process
   * with the same id, or a log with holes.
   */
  readonly hasEveryLine: boolean;
}

/** What a log says about the drops of a group, process by process, and its lines that match one of them. */
function joinGroup(
  history: ApplicationHistory,
  clock: Clock,
  drops: DropGroup,
  { last: endOfBrokerLog = 0, openings }: BrokerHistory,
): { readonly candidates: readonly Candidate[]; readonly matched: readonly MessagingMoment[] }[] {
  const covers = coverage(history, clock.addMs, endOfBrokerLog);
  // A broker that logs openings also logs each reconnect. A line after the end of its log may be about another drop.
  const until = openings.length > 0 ? endOfBrokerLog + AFTERTHOUGHT_MS : Number.POSITIVE_INFINITY;
  // Services that share a name and a host are one group. The log has nothing to say about a process that it never names.
  const ofLog = drops.filter(({ pid }) => history.alive.has(pid as number));
  return [...grouped(ofLog, ({ pid }) => pid as number)].map(([pid, ofPid]) => {
    const all = linesOf(history, pid, clock, ofPid);
    const lines = all.filter(({ at, moment }) => moment.connectionId !== undefined || at <= until);
    const { matched, firstLines, ofHeartbeat } = matchesOf(lines, ofPid);
    const isMissing = (drop: ConnectionHistory) =>
      covers(drop.endedAt) && drop.reopenedAt !== undefined && !hasLineNear(lines, drop);
    const hasEveryLine = !ofPid.some((drop) => isMissing(drop) && !firstLines.has(drop));
    const process = { history, clock, lines, covers, isCut: lines.length < all.length, hasEveryLine };
    const last = (history.alive.get(pid)?.last ?? 0) + clock.addMs;
    const candidates = ofPid.map((drop): Candidate => {
      const facts = {
        drop,
        source: history.source,
        isAway: isAway(lines, drop),
        busyMs: busyMs(history, pid, clock, drop),
        isSeenLater: last > drop.endedAt + timeoutMsOf(drop) / 2,
      };
      const line = firstLines.get(drop);
      if (line && isFirst(line, drop, process)) {
        const { moment, at, id } = line;
        return {
          ...facts,
          isSure: id !== undefined,
          loggedBy: moment.kind === 'unreachable' ? 'request' : 'heartbeat',
          loggedAt: at,
          ref: moment.ref,
          besideRequest: isBesideRequest(history, pid, moment.at),
          hasHeartbeatLine: ofHeartbeat.has(drop),
        };
      }
      const unknown = whyUnknown(drop, process);
      return { ...facts, isSure: false, loggedBy: unknown === undefined ? 'nobody' : undefined, unknown };
    });
    return { candidates, matched };
  });
}

/**
 * Whether the first line about a drop that the log has is also the first that the process wrote. A request's line
 * counts only if an earlier heartbeat line can be excluded. A log without level INFO may lack heartbeat lines. If two
 * processes share an id, a heartbeat line in between may be about this drop.
 */
function isFirst(
  { moment, at }: LossLine,
  drop: ConnectionHistory,
  { history, lines, hasEveryLine }: ProcessLines,
): boolean {
  if (moment.kind === 'heartbeat lost it') return true;
  return history.hasInfo && (hasEveryLine || !hasHeartbeatLine(lines, drop.endedAt, at));
}

/** Why it is not known what logged a drop without a first line; undefined: nobody logged it. */
function whyUnknown(
  { endedAt, reopenedAt }: ConnectionHistory,
  { history, clock, covers, isCut, hasEveryLine }: ProcessLines,
): JoinedDrop['unknown'] {
  if (!history.hasInfo) return 'log has no level INFO';
  if (!covers(endedAt) || isCut) return 'log does not cover it';
  if (history.gaps.hasAfter(endedAt - clock.addMs)) return 'log has gaps';
  return reopenedAt !== undefined || !hasEveryLine ? 'line missing' : undefined;
}

function hasHeartbeatLine(lines: readonly LossLine[], from: number, until: number): boolean {
  return lines.some(({ moment, at }) => moment.kind === 'heartbeat lost it' && at >= from && at <= until);
}

/**
 * Whether the process tried to open this connection again, and could not: from three timeouts before the drop until it
 * reconnected, or until a timeout after the drop.
 */
function isAway(lines: readonly LossLine[], drop: ConnectionHistory): boolean {
  const { id, endedAt, reopenedAt = Number.POSITIVE_INFINITY } = drop;
  const timeoutMs = timeoutMsOf(drop);
  const ofRequests = lines.filter(({ moment }) => moment.kind === 'unreachable');
  // The broker reached this client: it reset the connection. Then one of several brokers may be away.
  const resetAt = ofRequests.find(
    ({ at, moment }) =>
      moment.connectionId === id && !isOfAwayBroker(moment) && at >= endedAt - LOG_LATENCY_MS,
  )?.at;
  const until = Math.min(reopenedAt, endedAt + timeoutMs, resetAt ?? Number.POSITIVE_INFINITY);
  return ofRequests.some(
    ({ at, moment }) =>
      [undefined, id].includes(moment.connectionId) &&
      isOfAwayBroker(moment) &&
      at >= endedAt - 3 * timeoutMs &&
      at <= until,
  );
}

/** How long one request kept its process busy, if it did until the drop. */
function busyMs(
  { moments, notable, requests }: ApplicationHistory,
  pid: number,
  { addMs }: Clock,
  drop: ConnectionHistory,
): number | undefined {
  const until = drop.endedAt - addMs;
  const request = notable.find(
    (request) => request.pid === pid && request.from <= until - timeoutMsOf(drop) && request.to >= until,
  );
  if (!request || !isKept(requests.get(pid)?.[MOST_KEPT - 1], request.to)) return undefined;
  const isWithin = (at: number) => at > request.from + SAME_REQUEST_MS && at < request.to - SAME_REQUEST_MS;
  // A process that answers other requests meanwhile has several threads, and a request that waits for the broker lets
  // eventlet's hub run.
  const isBlocked = !(
    (requests.get(pid) ?? []).some(isWithin) ||
    moments.some((moment) => moment.pid === pid && OF_REQUESTS.includes(moment.kind) && isWithin(moment.at))
  );
  return isBlocked ? request.to - request.from : undefined;
}

const SAME_REQUEST_MS = 100;
const OF_REQUESTS: readonly MessagingMoment['kind'][] = ['unreachable', 'reconnected'];

/** An application's log that ends this long before the broker's still counts as complete. */
const SAME_END_MS = 2000;

/** Whether the log begins before a time, and goes on to the end of the broker's, because lines may be late. */
function coverage(
  history: ApplicationHistory,
  addMs: number,
  endOfBrokerLog: number,
): (at: number) => boolean {
  const [first, last] = span(history);
  return (at) => at >= first + addMs && last + addMs >= endOfBrokerLog - SAME_END_MS;
}

/** Whether the process was serving a request, or had just answered one. Undefined if the log cannot tell. */
function isBesideRequest(
  { requests, notable }: ApplicationHistory,
  pid: number,
  at: number,
): boolean | undefined {
  if (requests.size === 0) return undefined;
  const own = requests.get(pid) ?? [];
  // A slow request may have woken the heartbeat long before its answer.
  const isServed = (request: NotableRequest) =>
    request.pid === pid && at >= request.from - SAME_REQUEST_MS && at <= request.to + BESIDE_MS;
  if (own.some((time) => Math.abs(time - at) <= BESIDE_MS) || notable.some(isServed)) return true;
  const isKnown = isKept(own[MOST_KEPT - 1], at + BESIDE_MS) && isKept(notable[MOST_KEPT - 1]?.to, at);
  return isKnown ? false : undefined;
}

/** Whether a list of requests goes on until a time. A full list is not continued. */
function isKept(lastOfFull: number | undefined, until: number): boolean {
  return lastOfFull === undefined || until <= lastOfFull;
}
