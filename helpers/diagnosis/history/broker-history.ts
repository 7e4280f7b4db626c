import { getOrMake } from '../../config/get-or-make.ts';
import type { BrokerEvent, EndedEvent, NodeEvent } from '../../logs/rabbitmq-log.ts';
import type { ConnectionMention } from '../../logs/rabbitmq-mention.ts';
import {
  addressAndPort,
  type ConnectionHistory,
  type ConnectionOwner,
  type LineRef,
  ownerOf,
} from './connection-history.ts';
import { CopiedLogs } from './copied-logs.ts';
import { RecentMap } from './recent-map.ts';
import { Reopenings } from './reopenings.ts';
import { Restarts } from './restarts.ts';

/** A time and where the broker logged it. */
export interface BrokerMoment {
  readonly broker: string;
  readonly kind: NodeEvent['kind'] | 'unexpected frame';
  /** Milliseconds since the epoch. Undefined if the line has no time. */
  readonly at: number | undefined;
  /** Another node of the cluster that the line is about. */
  readonly node?: string | undefined;
  readonly ref: LineRef;
}

/** A connection was opened. */
export interface Opening
  extends ConnectionOwner,
    Pick<ConnectionMention, 'user'>,
    Pick<ConnectionHistory, 'broker' | 'address' | 'port'> {
  readonly at: number;
  /** When its client closed it. */
  closedAt?: number;
  /** Whether it ended in another way. */
  isLost?: true;
}

/** Connections of one program and user at the brokers. */
export interface ProgramCounts extends Pick<ConnectionOwner, 'program'> {
  readonly user: string | undefined;
  opened: number;
  readonly ended: Map<EndedEvent['how'], number>;
}

/** At most this many of each kind are kept. All others are only counted. */
export const MOST_KEPT = 10_000;
const SECOND_MS = 1000;

interface OpenConnection {
  readonly peer: string;
  name: string | undefined;
  user: string | undefined;
  at: number | undefined;
  opening?: Opening;
}

/**
 * What the logs of all brokers say, collected from their events. Memory is bounded: connections that the client closed
 * are only counted.
 */
export class BrokerHistory {
  /** Connections that the broker closed for missed heartbeats. */
  readonly drops: ConnectionHistory[] = [];
  /** Connections that ended in other ways, without those that the client closed. */
  readonly otherEnds: ConnectionHistory[] = [];
  readonly openings: Opening[] = [];
  readonly moments: BrokerMoment[] = [];
  readonly programs = new Map<string, ProgramCounts>();
  readonly brokers = new Set<string>();
  /** How many drops and other ends were counted, and not kept. */
  notKept = 0;
  /** When each broker restarted. */
  readonly restarts = new Restarts();
  first: number | undefined;
  last: number | undefined;
  /** The coarsest precision of their times. */
  precisionMs = 1;
  /** How far the zone of the logs is ahead of UTC. Undefined if their lines name none. */
  zoneMs: number | undefined;

  /** By broker, then by Erlang process, or by the client's address and port if the log does not name the process. */
  private readonly open = new Map<string, RecentMap<OpenConnection>>();
  private readonly reopenings = new Reopenings(MOST_KEPT);
  private readonly copies = new CopiedLogs(MOST_KEPT);
  /** When each connection ended. Two collectors may have written down the same end. */
  private readonly ends = new RecentMap<number>(MOST_KEPT);
  /** The exceptions because of which brokers are about to close connections. */
  private readonly exceptions = new RecentMap<string>(MOST_KEPT);

  /**
   * @param broker the broker that logged it.
   * @param at when it was, in milliseconds since the epoch.
   */
  add(event: BrokerEvent, broker: string, file: string, at: number | undefined): void {
    if (at !== undefined && this.copies.has(event, broker, at)) {
      this.brokers.delete(broker);
      return;
    }
    const ref = { file, line: event.line };
    if (event.kind === 'collector lost lines') {
      this.moment({ broker, kind: event.kind, at, ref });
      return;
    }
    if (event.kind !== 'not read') this.brokers.add(broker);
    this.precisionMs = Math.max(this.precisionMs, event.time?.precisionMs ?? 1);
    if (at !== undefined) {
      if (this.first === undefined || at < this.first) this.first = at;
      if (this.last === undefined || at > this.last) this.last = at;
    }
    this.restarts.add(event.kind, broker, ref, at);
    if (event.kind === 'ended') this.ended(event, broker, ref, at);
    else if (event.kind === 'connection error') {
      const { connection, exception = '' } = event;
      if (connection) this.exceptions.set(exceptionKey(broker, connection), exception);
      if (event.what !== 'other') this.moment({ broker, kind: event.what, at, ref });
    } else if ('connection' in event) this.opened(event.kind, event.connection, broker, at);
    else {
      // Whatever was open ended with the broker.
      if (event.kind === 'node starting') this.restarts.lost(broker, this.openAt(broker).clear());
      this.moment({ broker, kind: event.kind, at, node: event.node, ref });
    }
  }

  /** Moments of these kinds. */
  momentsOf(...kinds: readonly BrokerMoment['kind'][]): BrokerMoment[] {
    return this.moments.filter(({ kind }) => kinds.includes(kind));
  }

  /** Lines that say that lines of a broker's log are missing. */
  missingLines(): BrokerMoment[] {
    const ofCollectors = this.momentsOf('collector lost lines').filter(({ broker }) =>
      this.brokers.has(broker),
    );
    return [...this.momentsOf('log lines dropped'), ...ofCollectors];
  }

  private moment(moment: BrokerMoment): void {
    if (this.moments.length < MOST_KEPT) this.moments.push(moment);
  }

  private openAt(broker: string): RecentMap<OpenConnection> {
    return getOrMake(this.open, broker, () => new RecentMap<OpenConnection>(MOST_KEPT));
  }

  private opened(
    kind: 'accepted' | 'named' | 'authenticated',
    mention: ConnectionMention,
    broker: string,
    at: number | undefined,
  ): void {
    const open = this.openConnection(kind, mention, broker, at);
    if (kind !== 'authenticated') return;
    const { user, peer } = mention;
    const owner = ownerOf(open.name ?? '');
    this.countsOf(owner.program, user).opened += 1;
    if (owner.id === undefined || at === undefined) return;
    if (this.openings.length < MOST_KEPT) {
      open.opening = { ...owner, ...mention, broker, at, ...addressAndPort(peer) };
      this.openings.push(open.opening);
    }
    const before = this.reopenings.opened(owner.id, { at, peer, broker });
    if (before && before.user === undefined) this.nameUser(before, user);
  }

  /** Everything has been read. The line that names a connection's user may have been read before its end. */
  end(): void {
    const openings = new Map(this.openings.map((opening) => [opening.id, opening]));
    for (const history of [...this.drops, ...this.otherEnds]) {
      const own = history.id === undefined ? undefined : openings.get(history.id);
      if (history.user === undefined && own) this.nameUser(history, own.user);
    }
  }

  /** The open connection that a line mentions, with what the line says of it. */
  private openConnection(
    kind: 'accepted' | 'named' | 'authenticated',
    { erlangProcess, peer, name, user }: ConnectionMention,
    broker: string,
    at: number | undefined,
  ): OpenConnection {
    const open = this.openAt(broker);
    const key = erlangProcess ?? peer;
    const known = open.get(key);
    if (known?.peer !== peer) {
      const opened = { peer, name, user, at };
      open.set(key, opened);
      return opened;
    }
    known.name = name ?? known.name;
    known.user = user ?? known.user;
    if (kind === 'authenticated' || known.at === undefined) known.at = at;
    return known;
  }

  /** An excerpt may lack the opening line, which names the user. The line of the next connection names it too. */
  private nameUser(history: ConnectionHistory, user: string | undefined): void {
    const { program, ended } = history;
    const unnamed = this.countsOf(program, undefined);
    const named = this.countsOf(program, user).ended;
    unnamed.ended.set(ended, (unnamed.ended.get(ended) ?? 1) - 1);
    named.set(ended, (named.get(ended) ?? 0) + 1);
    if (unnamed.opened === 0 && [...unnamed.ended.values()].every((number) => number === 0))
      this.programs.delete(programKey(program, undefined));
    history.user = user;
  }

  private ended(event: EndedEvent, broker: string, ref: LineRef, at: number | undefined): void {
    const { connection: mention, timeoutSeconds } = event;
    const exception = this.exceptions.get(exceptionKey(broker, mention));
    // The client only confirms that the broker closes it, and RabbitMQ logs that like a close by the client.
    const isForced = event.how === 'closed by the client' && exception !== undefined;
    const how = isForced ? 'other' : event.how;
    if (this.isRepeated({ ...event, how }, at)) return;
    const open = this.openAt(broker);
    const key = mention.erlangProcess ?? mention.peer;
    const before = open.get(key);
    // A reason alone names the Erlang process only.
    const known = before && ['', before.peer].includes(mention.peer) ? before : undefined;
    const peer = known?.peer ?? mention.peer;
    open.delete(key);
    const name = mention.name ?? known?.name ?? '';
    const owner = ownerOf(name);
    const user = mention.user ?? known?.user;
    const { ended } = this.countsOf(owner.program, user);
    ended.set(how, (ended.get(how) ?? 0) + 1);
    const { id } = owner;
    const isClosed = how === 'closed by the client';
    if (known?.opening && !isClosed) known.opening.isLost = true;
    else if (known?.opening && at !== undefined) known.opening.closedAt = at;
    if (at === undefined) return;
    // Most connections are closed by their clients. That matters only if a connection with the same id was lost before.
    if (isClosed && (id === undefined || !this.reopenings.hasEnded(id))) return;
    const openedAt = known?.at ?? (mention.durationMs === undefined ? undefined : at - mention.durationMs);
    const history: ConnectionHistory = {
      ...owner,
      ...addressAndPort(peer),
      broker,
      name,
      peer,
      user,
      openedAt,
      endedAt: at,
      ended: how,
      timeoutSeconds,
      exception,
      ref,
    };
    const isKept = !isClosed && this.keep(history);
    if (id !== undefined)
      this.reopenings.ended(id, { at, peer, broker, openedAt, history: isKept ? history : undefined });
  }

  /** @returns whether it is kept. */
  private keep(history: ConnectionHistory): boolean {
    const list = history.ended === 'missed heartbeats' ? this.drops : this.otherEnds;
    const hasRoom = list.length < MOST_KEPT;
    if (hasRoom) list.push(history);
    else this.notKept += 1;
    return hasRoom;
  }

  /** Whether another line has already logged this end. */
  private isRepeated(
    { how, connection: { erlangProcess, peer, local } }: EndedEvent,
    at: number | undefined,
  ): boolean {
    // Connections that clients close are only counted. There are so many that this check would cost time.
    if (how === 'closed by the client' || at === undefined) return false;
    const key = [how, erlangProcess, peer, local].join(' ');
    const before = this.ends.get(key);
    this.ends.set(key, at);
    // One of the two may have whole seconds only.
    return before !== undefined && Math.abs(at - before) <= SECOND_MS;
  }

  private countsOf(program: string, user: string | undefined): ProgramCounts {
    return getOrMake(this.programs, programKey(program, user), () => ({
      program,
      user,
      opened: 0,
      ended: new Map(),
    }));
  }
}

function exceptionKey(broker: string, { erlangProcess, peer }: ConnectionMention): string {
  return [broker, erlangProcess, peer].join('\n');
}

function programKey(program: string, user: string | undefined): string {
  return `${program}\n${user ?? ''}`;
}
