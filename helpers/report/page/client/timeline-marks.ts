import {
  type CellEvidence,
  type ConnectionMark,
  type DropMark,
  type LineMark,
  PacketBit,
  type RequestMark,
} from '../page-data.ts';
import { clock, count, seconds } from './units.ts';

/** What a mark shows. */
export type MarkKind =
  | 'request'
  | 'slowed request'
  | 'request slow otherwise'
  | 'failed request'
  | 'connection'
  | 'packet from the client'
  | 'heartbeat from the client'
  | 'packet from the broker'
  | 'heartbeat from the broker'
  | 'broker drop'
  | 'heartbeat error'
  | 'unreachable line';

/** Something that was observed, and where it is drawn. */
export interface Mark {
  readonly kind: MarkKind;
  /** Milliseconds after the first request. */
  readonly at: number;
  /** The end of a mark that lasts. */
  readonly until?: number | undefined;
  /** Pixels from the top. */
  readonly top: number;
  readonly bottom: number;
  /** Lanes are numbered from the top: the keyboard goes from one to the next. */
  readonly lane: number;
  /** What it is, in a few words, then the exact times and the line itself. */
  readonly title: string;
  readonly details: readonly string[];
  /** The line of the evidence's tables that shows it: its kind and its number. */
  readonly row?: string | undefined;
}

/** A connection's bar, which is drawn besides its marks. */
export interface Life {
  readonly at: number;
  readonly until: number;
  /** When the broker heard the client for the last time. */
  readonly silentFrom: number;
  readonly end: 'dropped' | 'closed' | 'open';
  readonly middle: number;
}

export interface Lane {
  readonly label: string;
  /** The same where there is little room. */
  readonly short: string;
  /** Events, or the process's requests. */
  readonly count: number;
  readonly top: number;
  readonly bottom: number;
  /** Whether it is a process, and not a kind of event. */
  readonly process: boolean;
}

export interface TimelineMarks {
  readonly height: number;
  readonly lanes: readonly Lane[];
  readonly marks: readonly Mark[];
  readonly lives: readonly Life[];
}

const EVENT_LANE = 20;
const GAP = 8;
/** The height of a process's requests, pixels. */
export const REQUESTS = 11;
/** The same for each of several that were under way at once. */
const STACKED_REQUESTS = 6;
/** A connection: ticks of the client's packets, the bar, ticks of the broker's. */
const TICKS = 6;
const BAR = 4;
const CONNECTION = 2 * TICKS + BAR + 2;

/** Lays out a row's evidence in lanes. */
export function timelineMarks(evidence: CellEvidence): TimelineMarks {
  const { origin } = evidence;
  const lanes: Lane[] = [];
  const marks: Mark[] = [];
  const lives: Life[] = [];
  const time = (at: number) => `${seconds(at)} · ${clock(origin + at)}`;
  let top = 0;
  let lane = 0;

  const eventLane = (
    label: string,
    short: string,
    events: readonly Omit<Mark, 'top' | 'bottom' | 'lane'>[],
  ) => {
    const place = { top, bottom: top + EVENT_LANE };
    lanes.push({ label, short, count: events.length, process: false, ...place });
    marks.push(...events.map((event) => ({ ...event, ...place, lane })));
    top += EVENT_LANE;
    lane += 1;
  };
  const ago = ({ at, drop }: LineMark) => {
    const dropped = drop === undefined ? undefined : evidence.drops[drop];
    return dropped ? `its connection was dropped ${seconds(at - dropped.at)} before` : 'no drop matches it';
  };
  eventLane(
    'broker drops',
    'drops',
    evidence.drops.map((drop, index) => ({
      kind: 'broker drop',
      at: drop.at,
      title: `The broker drops a connection of process ${drop.pid ?? 'unknown'}`,
      details: [time(drop.at), ...drop.lines, loggedWords(drop)],
      row: `drop-${index}`,
    })),
  );
  eventLane(
    'heartbeat errors',
    'errors',
    evidence.errors.map((error, index) => ({
      kind: 'heartbeat error',
      at: error.at,
      title: `Process ${error.pid} logs a heartbeat error`,
      details: [time(error.at), error.line, ago(error)],
      row: `error-${index}`,
    })),
  );
  eventLane(
    '“unreachable”',
    'unreach.',
    evidence.unreachable.map((line, index) => ({
      kind: 'unreachable line',
      at: line.at,
      title: `A request of process ${line.pid} meets the dead connection itself, and logs an error`,
      details: [time(line.at), line.line, ago(line)],
      row: `unreachable-${index}`,
    })),
  );

  for (const { pid, requests } of processesOf(evidence)) {
    top += GAP;
    const start = top;
    const served = evidence.requests
      .map((request, index) => ({ ...request, index }))
      .filter((request) => request.pid === pid);
    const requestRows = stacked(
      served,
      ({ at }) => at,
      ({ at, ms }) => at + ms,
    );
    const height = requestRows.length > 1 ? STACKED_REQUESTS : REQUESTS;
    for (const row of requestRows) {
      const place = { top, bottom: top + height, lane };
      marks.push(...row.map((request) => ({ ...requestMark(request, origin), ...place })));
      top += height;
      lane += 1;
    }
    top += 2;
    const own = evidence.connections
      .map((connection, index) => ({ ...connection, index }))
      .filter((connection) => connection.pid === pid);
    const rows = stacked(own, startOf, ({ endedAt }) => endedAt ?? evidence.endsAt);
    for (const row of rows) {
      for (const connection of row) {
        marks.push(connectionMark(connection, evidence, top, lane, time));
        marks.push(...packetMarks(connection, evidence, top, lane, time));
        lives.push(lifeOf(connection, evidence.endsAt, top));
      }
      top += CONNECTION;
      lane += 3;
    }
    if (rows.length === 0) top += CONNECTION / 2;
    lanes.push({
      label: pid === undefined ? 'not answered' : `process ${pid}`,
      short: pid === undefined ? 'none' : `pid ${pid}`,
      count: requests,
      top: start,
      bottom: top,
      process: true,
    });
  }
  return { height: top + GAP / 2, lanes, marks, lives };
}

/** What logged a drop, and when: `logged by request 0.985 s later`; `logged by nobody`. */
export function loggedWords({ at, loggedBy, loggedAt }: DropMark): string {
  return `logged by ${loggedBy}${loggedAt === undefined ? '' : ` ${seconds(loggedAt - at)} later`}`;
}

/** The packets of a connection, decoded. */
export function packetsOf(
  { packets }: ConnectionMark,
  texts: readonly string[],
): { at: number; fromClient: boolean; heartbeat: boolean; text: string }[] {
  const all: { at: number; fromClient: boolean; heartbeat: boolean; text: string }[] = [];
  let at = 0;
  for (let index = 0; index + 2 < packets.length; index += 3) {
    const [after = 0, bits = 0, text = 0] = packets.slice(index, index + 3);
    at += after;
    all.push({
      at,
      fromClient: (bits & PacketBit.fromClient) !== 0,
      heartbeat: (bits & PacketBit.heartbeat) !== 0,
      text: texts[text] ?? '',
    });
  }
  return all;
}

/** Requests that were never answered have no process, and are below all others. */
function processesOf({ processes, requests }: CellEvidence): { pid: number | undefined; requests: number }[] {
  const lost = requests.filter(({ pid }) => pid === undefined).length;
  return lost > 0 ? [...processes, { pid: undefined, requests: lost }] : [...processes];
}

/** Things that overlap in time are below each other. */
function stacked<T>(all: readonly T[], start: (item: T) => number, end: (item: T) => number): T[][] {
  const rows: T[][] = [];
  for (const item of [...all].sort((a, b) => start(a) - start(b))) {
    const free = rows.find((row) => end(row.at(-1) as T) < start(item));
    if (free) free.push(item);
    else rows.push([item]);
  }
  return rows;
}

function requestMark(
  { at, ms, path, outcome, pid, thread, id, index, ...how }: RequestMark & { index: number },
  origin: number,
): Omit<Mark, 'top' | 'bottom' | 'lane'> {
  const { kind, title } = requestKind(how);
  return {
    kind,
    at,
    until: at + ms,
    title: `${title}: ${path}, ${outcome}`,
    details: [
      `from ${seconds(at)} to ${seconds(at + ms)}, ${ms} ms · ${clock(origin + at)}`,
      pid === undefined ? 'process unknown' : `process ${pid}, thread ${thread}`,
      id,
    ],
    row: `request-${index}`,
  };
}

function requestKind({ ok, slowed, slowOtherwise }: Pick<RequestMark, 'ok' | 'slowed' | 'slowOtherwise'>): {
  kind: MarkKind;
  title: string;
} {
  if (!ok) return { kind: 'failed request', title: 'A request' };
  if (slowed) return { kind: 'slowed request', title: 'A request slowed by a reconnect' };
  return slowOtherwise
    ? { kind: 'request slow otherwise', title: 'A request that was slow for another reason' }
    : { kind: 'request', title: 'A request' };
}

/** The handshake comes before the broker logs that it let the client in. */
function startOf({ at, packets }: ConnectionMark): number {
  return Math.min(at, packets[0] ?? at);
}

function connectionMark(
  connection: ConnectionMark & { index: number },
  { endsAt }: CellEvidence,
  top: number,
  lane: number,
  time: (at: number) => string,
): Mark {
  const { at, endedAt, ended, heartbeats, silenceAtEndMs, longestSilenceMs, name, index, packets } =
    connection;
  const end =
    endedAt === undefined ? `still open at the end of the window` : `${ended ?? 'ended'} at ${time(endedAt)}`;
  return {
    kind: 'connection',
    at: startOf(connection),
    until: endedAt ?? endsAt,
    top: top + TICKS,
    bottom: top + TICKS + BAR,
    lane: lane + 1,
    title: `An AMQP connection, ${endedAt === undefined ? 'still open' : (ended ?? 'ended')}`,
    details: [
      `opened at ${time(at)}`,
      end,
      `${seconds(silenceAtEndMs)} of silence from the client before that; the longest was ${seconds(longestSilenceMs)}`,
      `${count(packets.length / 3, 'packet')}, ${count(heartbeats, 'heartbeat')} from the client`,
      name,
    ],
    row: `connection-${index}`,
  };
}

function packetMarks(
  connection: ConnectionMark & { index: number },
  { packetTexts }: CellEvidence,
  top: number,
  lane: number,
  time: (at: number) => string,
): Mark[] {
  return packetsOf(connection, packetTexts).map(({ at, fromClient, heartbeat, text }) => {
    const sender = fromClient ? 'client' : 'broker';
    const start = fromClient ? top : top + TICKS + BAR;
    return {
      kind: `${heartbeat ? 'heartbeat' : 'packet'} from the ${sender}`,
      at,
      top: start,
      bottom: start + TICKS,
      lane: lane + (fromClient ? 0 : 2),
      title: `${heartbeat ? 'A heartbeat' : 'A packet'}, ${fromClient ? 'client → broker' : 'broker → client'}`,
      details: [time(at), text],
      row: `connection-${connection.index}`,
    };
  });
}

function lifeOf(connection: ConnectionMark, endsAt: number, top: number): Life {
  const { endedAt, ended, silenceAtEndMs } = connection;
  const until = endedAt ?? endsAt;
  return {
    at: startOf(connection),
    until,
    silentFrom: until - silenceAtEndMs,
    end: endedAt === undefined ? 'open' : ended === 'dropped by the broker' ? 'dropped' : 'closed',
    middle: top + TICKS + BAR / 2,
  };
}
