import type { BrokerConnection } from './broker-log.ts';
import type { AmqpConnection } from './evidence.ts';
import { type CapturedPacket, HEARTBEAT } from './frames.ts';

/** The broker no longer reads frames that arrive while it closes the connection. */
const CLOSING_MS = 200;
/** `Connection.Open` arrives a little before the broker logs the user's access. */
const HANDSHAKE_MS = 10_000;

/** Matches connections with their packets, by the client's address and time. */
export function connectionFacts(
  connections: readonly BrokerConnection[],
  captured: readonly CapturedPacket[],
  windowEndedAt: number,
): AmqpConnection[] {
  const byPeer = new Map<string, CapturedPacket[]>();
  for (const { peer } of connections) byPeer.set(peer, []);
  for (const packet of captured) byPeer.get(packet.peer)?.push(packet);
  return connections.map((connection) =>
    factsOf(connection, byPeer.get(connection.peer) ?? [], windowEndedAt),
  );
}

function factsOf(
  connection: BrokerConnection,
  ofPeer: readonly CapturedPacket[],
  windowEndedAt: number,
): AmqpConnection {
  const { name, pid, openedAt, endedAt, ended } = connection;
  // Other connections may have used the same port before, or use it later.
  const opening = ofPeer.findLast(({ at }) => at <= openedAt + 1 && at > openedAt - HANDSHAKE_MS);
  const packets = ofPeer.filter(({ stream }) => stream === opening?.stream);
  const end = endedAt ?? windowEndedAt;
  const deaf = ended === 'dropped by the broker' ? CLOSING_MS : 0;
  const heard = packets
    .filter((packet) => packet.from === 'client' && packet.at <= end - deaf)
    .map(({ at }) => at);
  // A client without captured frames has been silent since its connection was opened.
  const from = heard.length === 0 ? [openedAt] : heard;
  const silences = [...from.slice(1), end].map((at, index) => at - (from[index] ?? at));
  const survived = ended === 'dropped by the broker' ? silences.slice(0, -1) : silences;
  return {
    name,
    pid,
    openedAt,
    endedAt,
    ended,
    packets: packets.map(({ at, from, types, text }) => ({
      at: Math.round(at),
      from,
      heartbeat: types.length > 0 && types.every((type) => type === HEARTBEAT),
      text,
    })),
    heartbeats: packets
      .filter(({ from }) => from === 'client')
      .reduce((sum, { types }) => sum + types.filter((type) => type === HEARTBEAT).length, 0),
    longestSilenceMs: Math.round(Math.max(0, ...survived)),
    silenceAtEndMs: Math.round(silences.at(-1) ?? 0),
  };
}
