import { osloMessaging } from '../applications/oslo-messaging.ts';
import type { BrokerEnding } from '../logs/rabbitmq-log.ts';

/** A line of an input file. */
export interface LineRef {
  readonly file: string;
  readonly line: number;
}

/** The owner of a connection, by the name that its client gave it. */
export interface ConnectionOwner {
  /** `mod_wsgi` of `mod_wsgi:18:9528639f-…`; the whole name where it has another form; empty without a name. */
  readonly program: string;
  readonly pid?: number | undefined;
  /** oslo.messaging's id of the connection, the same after a reconnect. */
  readonly id?: string | undefined;
}

/** One connection in the broker's log. Times are milliseconds since the epoch, by the broker's clock. */
export interface ConnectionHistory extends ConnectionOwner {
  readonly name: string;
  /** The client's end: `ADDRESS:PORT`, and its parts. */
  readonly peer: string;
  readonly address: string;
  readonly port: number;
  user?: string | undefined;
  readonly openedAt?: number | undefined;
  readonly endedAt: number;
  readonly ended: BrokerEnding;
  readonly timeoutSeconds?: number | undefined;
  /** The line that reports its end. */
  readonly ref: LineRef;
  /** When a connection of the same name was next opened. */
  reopenedAt?: number | undefined;
}

/** PROGRAM:PID:UUID, as oslo.messaging names its connections. */
export function ownerOf(name: string): ConnectionOwner {
  const match = osloMessaging.connectionName.exec(name);
  if (!match) return { program: name };
  const program = name.slice(0, match.index);
  return { program, pid: Number(match.groups?.pid), id: name.slice(-ID_LENGTH) };
}

const ID_LENGTH = 36;

/** The parts of `ADDRESS:PORT`; an IPv6 address may be in brackets. */
export function addressAndPort(peer: string): { readonly address: string; readonly port: number } {
  const colon = peer.lastIndexOf(':');
  return { address: peer.slice(0, colon), port: Number(peer.slice(colon + 1)) };
}
