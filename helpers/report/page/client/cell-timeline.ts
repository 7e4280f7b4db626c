import {
  type CellEvidence,
  type ConnectionMark,
  type DropMark,
  type LineMark,
  PacketBit,
  type RequestMark,
} from '../page-data.ts';
import type { ConnectionBar, MarkData, MarkKind, TimelineData } from '../timeline-data.ts';
import { clock, count, seconds } from './units.ts';

/** An item, and its place in the table of the evidence that shows it. */
type Placed<T> = T & { readonly index: number };

/** A cell's evidence as its timeline shows it. */
export function cellTimeline(evidence: CellEvidence): TimelineData {
  const { origin, endsAt, drops, errors, unreachable } = evidence;
  const time = (at: number) => `${seconds(at)} · ${clock(origin + at)}`;
  const ago = ({ at, drop }: LineMark) => {
    const dropped = drop === undefined ? undefined : drops[drop];
    return dropped ? `its connection was dropped ${seconds(at - dropped.at)} before` : 'no drop matches it';
  };
  const logged = (line: LineMark) => ({ at: line.at, details: [time(line.at), line.line, ago(line)] });
  const requests = placed(evidence.requests);
  const connections = placed(evidence.connections);
  return {
    axis: 'seconds',
    from: 0,
    to: endsAt,
    events: [
      {
        label: 'broker drops',
        short: 'drops',
        events: drops.map((drop, index) => ({
          kind: 'broker drop',
          at: drop.at,
          title: `The broker drops a connection of process ${drop.pid ?? 'unknown'}`,
          details: [time(drop.at), ...drop.lines, loggedWords(drop)],
          row: `drop-${index}`,
        })),
      },
      {
        label: 'heartbeat errors',
        short: 'errors',
        events: errors.map((error, index) => ({
          kind: 'heartbeat error',
          title: `Process ${error.pid} logs a heartbeat error`,
          ...logged(error),
          row: `error-${index}`,
        })),
      },
      {
        label: '“unreachable”',
        short: 'unreach.',
        events: unreachable.map((line, index) => ({
          kind: 'unreachable line',
          title: `A request of process ${line.pid}, or the thread that waits for its reply, meets the dead connection, and logs an error`,
          ...logged(line),
          row: `unreachable-${index}`,
        })),
      },
    ],
    processes: pidsOf(evidence).map((pid) => {
      const served = requests.filter((request) => request.pid === pid);
      return {
        label: pid === undefined ? 'not answered' : `process ${pid}`,
        short: pid === undefined ? 'none' : `pid ${pid}`,
        count: served.length,
        requests: served.map((request) => observedRequest(request, origin)),
        connections: connections
          .filter((connection) => connection.pid === pid)
          .map((connection) => connectionBar(connection, evidence, time)),
      };
    }),
  };
}

/** What logged a drop, and when: `logged by request 0.985 s later`; `logged by nobody`. */
export function loggedWords({ at, loggedBy, loggedAt }: DropMark): string {
  return `logged by ${loggedBy}${loggedAt === undefined ? '' : ` ${seconds(loggedAt - at)} later`}`;
}

/** The packets of a connection, decoded. */
export function packetsOf(
  { packets }: Pick<ConnectionMark, 'packets'>,
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

function placed<T>(all: readonly T[]): Placed<T>[] {
  return all.map((item, index) => ({ ...item, index }));
}

/** In the order in which they first served a request. Requests that were never answered have no process, and are last. */
function pidsOf({ requests, connections }: CellEvidence): (number | undefined)[] {
  const pids = new Set([...requests, ...connections].map(({ pid }) => pid));
  pids.delete(undefined);
  return requests.some(({ pid }) => pid === undefined) ? [...pids, undefined] : [...pids];
}

function observedRequest(
  { at, ms, path, outcome, pid, thread, id, index, ...how }: Placed<RequestMark>,
  origin: number,
): MarkData {
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

function connectionBar(
  connection: Placed<ConnectionMark>,
  { endsAt, packetTexts }: CellEvidence,
  time: (at: number) => string,
): ConnectionBar {
  const { at, endedAt, ended, heartbeats, silenceAtEndMs, longestSilenceMs, name, index } = connection;
  const isOpen = endedAt === undefined;
  const until = endedAt ?? endsAt;
  const row = `connection-${index}`;
  const packets = packetsOf(connection, packetTexts);
  return {
    kind: 'connection',
    // The handshake comes before the broker logs that it let the client in.
    at: Math.min(at, packets[0]?.at ?? at),
    until,
    silentFrom: until - silenceAtEndMs,
    end: isOpen ? 'open' : ended === 'dropped by the broker' ? 'dropped' : 'closed',
    title: `An AMQP connection, ${isOpen ? 'still open' : (ended ?? 'ended')}`,
    details: [
      `opened at ${time(at)}`,
      isOpen ? 'still open at the end of the window' : `${ended ?? 'ended'} at ${time(endedAt)}`,
      `${seconds(silenceAtEndMs)} of silence from the client before that; it survived ${seconds(longestSilenceMs)}`,
      `${count(packets.length, 'packet')}, ${count(heartbeats, 'heartbeat')} from the client`,
      name,
    ],
    row,
    packets: packets.map(({ at, fromClient, heartbeat, text }) => ({
      kind: `${heartbeat ? 'heartbeat' : 'packet'} from the ${fromClient ? 'client' : 'broker'}`,
      at,
      title: `${heartbeat ? 'A heartbeat' : 'A packet'}, ${fromClient ? 'client → broker' : 'broker → client'}`,
      details: [time(at), text],
      row,
    })),
  };
}
