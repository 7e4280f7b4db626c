import { osloMessaging } from '../../applications/oslo-messaging.ts';
import type { BrokerEnding } from '../../logs/rabbitmq-log.ts';

/** A line of a file that was given. */
export interface LineRef {
  readonly file: string;
  readonly line: number;
}

/** The client of a connection, by the name that it gave. */
export interface ConnectionOwner {
  /** `mod_wsgi` of `mod_wsgi:18:9528639f-…`, or the whole name if it has another form. Empty without a name. */
  readonly program: string;
  readonly pid?: number | undefined;
  /** oslo.messaging's id of the connection, which a reconnect does not change. */
  readonly id?: string | undefined;
}

/** What the broker's log says about one connection. Times are in milliseconds since the epoch, by the broker's clock. */
export interface ConnectionHistory extends ConnectionOwner {
  /** The broker that logged it. */
  readonly broker: string;
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
  /** AMQP's name of the exception because of which the broker closed it; empty if the log does not have the name. */
  readonly exception?: string | undefined;
  /** The line in which the broker says that it ended. */
  readonly ref: LineRef;
  /** When a connection of the same name was next opened. */
  reopenedAt?: number | undefined;
  /** When a connection of the same name was opened before this one ended: the client had given this one up. */
  replacedAt?: number | undefined;
}

/** Reads a connection's name. oslo.messaging's have the form PROGRAM:PID:UUID. */
export function ownerOf(name: string): ConnectionOwner {
  // On the whole of a long name, the pattern would be tried at each colon.
  const from = name.lastIndexOf(':', name.length - ID_LENGTH - 2);
  const match = from === -1 ? null : osloMessaging.connectionName.exec(name.slice(from));
  if (match?.index !== 0) return { program: name };
  return { program: name.slice(0, from), pid: Number(match.groups?.pid), id: name.slice(-ID_LENGTH) };
}

const ID_LENGTH = 36;

/** The parts of `ADDRESS:PORT`; an IPv6 address may be in brackets. */
export function addressAndPort(peer: string): { readonly address: string; readonly port: number } {
  const colon = peer.lastIndexOf(':');
  return { address: peer.slice(0, colon), port: Number(peer.slice(colon + 1)) };
}

const DEFAULT_TIMEOUT_SECONDS = 60;

/** The heartbeat timeout of a drop, 60 s where its line does not name it. */
export function timeoutMsOf({
  timeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
}: Pick<ConnectionHistory, 'timeoutSeconds'>): number {
  return timeoutSeconds * 1000;
}
