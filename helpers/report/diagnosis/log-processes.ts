import { getOrMake } from '../../config/get-or-make.ts';
import { grouped } from '../../config/grouped.ts';
import type { JoinedLogs } from '../../diagnosis/diagnosis.ts';
import { programName } from '../../diagnosis/diagnosis-words.ts';
import type {
  ApplicationHistory,
  MessagingMoment,
  NotableRequest,
} from '../../diagnosis/history/application-history.ts';
import type { BrokerHistory, Opening } from '../../diagnosis/history/broker-history.ts';
import type { ConnectionHistory } from '../../diagnosis/history/connection-history.ts';
import { tiedRequests } from '../../diagnosis/join/impact.ts';
import type { JoinedDrop } from '../../diagnosis/join/joined-drop.ts';
import type { MarkKind } from '../page/timeline-data.ts';

/** The kinds of lines that timelines show: the mark that shows the line, and the title of the mark. */
export const loggedKinds = {
  'heartbeat lost it': ['heartbeat error', 'The heartbeat of PROCESS logs that it lost the connection'],
  unreachable: [
    'unreachable line',
    'A request of PROCESS, or the thread that waits for its reply, meets a dead connection, and logs it',
  ],
  forked: ['other line', 'A connection of PROCESS was opened before a fork'],
  'unexpected frame': ['other line', 'A connection of PROCESS gets a frame that is not its own'],
  'cross thread': ['other line', 'A lock of eventlet is used across threads in PROCESS'],
  'reply undeliverable': ['other line', 'A reply of PROCESS cannot be delivered'],
} as const satisfies Partial<Record<MessagingMoment['kind'], readonly [kind: MarkKind, title: string]>>;

/** Processes that belong together: of one program and user on one host, or of one log. */
export interface ProcessGroup {
  readonly title: string;
  readonly processes: readonly LoggedProcess[];
}

/** What the logs say of a process. All times are by the broker's clock, milliseconds since the epoch. */
export interface LoggedProcess {
  readonly pid: number | undefined;
  readonly drops: JoinedDrop[];
  readonly otherEnds: ConnectionHistory[];
  /** Connections that were closed by their client, or whose end is not in the log. */
  readonly others: Opening[];
  readonly lines: LoggedLine[];
  /** When it answered requests. */
  readonly requests: number[];
  readonly notable: TimedRequest[];
}

/** A line of one of the {@link loggedKinds}. */
export interface LoggedLine extends Pick<Logged, 'kind' | 'level' | 'ref'> {
  readonly at: number;
  /** The drop that it was the first to log. */
  readonly drop: ConnectionHistory | undefined;
}

/** A request that was slow or failed. */
export interface TimedRequest extends Pick<NotableRequest, 'from' | 'to' | 'isFailed' | 'requestIds'> {
  /** Whether its process logged meanwhile that it met a dead connection. */
  readonly isTied: boolean;
}

interface Group {
  readonly title: string;
  readonly byPid: Map<number | undefined, LoggedProcess>;
  /** Of its connections, and of the applications' logs that have lines of its drops. */
  readonly ids: Set<string | undefined>;
  readonly sources: Set<string | undefined>;
}

/** Puts what both sides logged together, process by process. */
export function processGroups(
  { otherEnds, openings, brokers }: BrokerHistory,
  { applications, joined }: JoinedLogs,
): ProcessGroup[] {
  const groups = new Map<string, Group>();
  const groupOf = ({ program, user, address }: ConnectionHistory | Opening) =>
    made(groups, [program, user, address].join('\n'), `${programName({ program, user })} from ${address}`);
  for (const joinedDrop of joined.drops) {
    const { drop, source } = joinedDrop;
    const group = groupOf(drop);
    processOf(group, drop.pid).drops.push(joinedDrop);
    group.ids.add(drop.id);
    group.sources.add(source);
  }
  for (const end of otherEnds) processOf(groupOf(end), end.pid).otherEnds.push(end);
  for (const opening of openings) {
    if (opening.isLost) continue;
    const group = groupOf(opening);
    processOf(group, opening.pid).others.push(opening);
    group.ids.add(opening.id);
  }
  const dropOf = new Map(joined.drops.flatMap((drop) => (drop.ref ? [[drop.ref, drop] as const] : [])));
  for (const { history, offset } of applications) {
    const addMs = brokers.size === 0 ? (offset?.addMs ?? 0) : offset?.addMs;
    if (addMs !== undefined) addApplication(groups, history, addMs, dropOf);
  }
  return [...groups.values()].map(({ title, byPid }) => ({ title, processes: [...byPid.values()] }));
}

/** Adds lines and requests to the processes of the broker's log, if it has them; otherwise to processes of their own. */
function addApplication(
  groups: Map<string, Group>,
  history: ApplicationHistory,
  addMs: number,
  dropOf: ReadonlyMap<MessagingMoment['ref'], JoinedDrop>,
): void {
  const { source, moments, requests, notable } = history;
  const named = new Set(moments.flatMap(({ connectionId }) => connectionId ?? []));
  const own = [...groups.values()].filter(
    ({ sources, ids }) => sources.has(source) || [...ids].some((id) => named.has(id ?? '')),
  );
  const target = (pid: number | undefined) =>
    own.find(({ byPid }) => pid !== undefined && byPid.has(pid)) ?? made(groups, source, source);
  for (const [pid, all] of grouped(moments.filter(isLogged), (line) => line.pid)) {
    const process = processOf(target(pid), pid);
    for (const { kind, level, ref, at } of all) {
      const joined = dropOf.get(ref);
      process.lines.push({ kind, level, ref, drop: joined?.drop, at: joined?.loggedAt ?? at + addMs });
    }
  }
  const tied = tiedRequests(history);
  const special = grouped(notable, (request) => request.pid);
  for (const pid of new Set([...requests.keys(), ...special.keys()])) {
    const process = processOf(target(pid), pid);
    const those = special.get(pid) ?? [];
    const times = new Set(those.flatMap(({ from, to }) => [from, to]));
    for (const at of (pid === undefined ? undefined : requests.get(pid)) ?? [])
      if (!times.has(at)) process.requests.push(at + addMs);
    for (const request of those) {
      const { from, to, isFailed, requestIds } = request;
      const isTied = tied.has(request);
      process.notable.push({ from: from + addMs, to: to + addMs, isFailed, requestIds, isTied });
    }
  }
}

type Logged = MessagingMoment & { readonly kind: keyof typeof loggedKinds };

function isLogged(moment: MessagingMoment): moment is Logged {
  return moment.kind in loggedKinds;
}

function made(groups: Map<string, Group>, key: string, title: string): Group {
  return getOrMake(groups, key, () => ({ title, byPid: new Map(), ids: new Set(), sources: new Set() }));
}

function processOf({ byPid }: Group, pid: number | undefined): LoggedProcess {
  return getOrMake(byPid, pid, () => ({
    pid,
    drops: [],
    otherEnds: [],
    others: [],
    lines: [],
    requests: [],
    notable: [],
  }));
}
