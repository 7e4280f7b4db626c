import { grouped } from '../config/grouped.ts';
import type { BrokerEvent, EndedEvent, NodeEvent } from '../logs/rabbitmq-log.ts';
import type { ConnectionMention } from '../logs/rabbitmq-mention.ts';
import {
  addressAndPort,
  type ConnectionHistory,
  type ConnectionOwner,
  type LineRef,
  ownerOf,
} from './connection-history.ts';
import { RecentMap } from './recent-map.ts';
import { Restarts } from './restarts.ts';

/** A time and where the broker logged it. */
export interface BrokerMoment {
  readonly broker: string;
  readonly kind: NodeEvent['kind'] | 'unexpected frame';
  /** Milliseconds since the epoch; undefined if the line has no time. */
  readonly at: number | undefined;
  readonly text: string;
  readonly connection?: ConnectionOwner | undefined;
  readonly ref: LineRef;
}

/** A connection was opened. */
export interface Opening
  extends ConnectionOwner,
    Pick<ConnectionMention, 'user' | 'vhost'>,
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

/** What is kept of each kind; whatever is beyond it is only counted. */
export const MOST_KEPT = 10_000;
const SECOND_MS = 1000;

interface OpenConnection {
  readonly peer: string;
  name: string | undefined;
  user: string | undefined;
  vhost: string | undefined;
  at: number | undefined;
  opening?: Opening;
}

/**
 * What the logs of all brokers say, from their events in order. Memory is bounded: connections that the client closed
 * are only counted.
 */
export class BrokerHistory {
  /** Closed for missed heartbeats. */
  readonly drops: ConnectionHistory[] = [];
  /** Ended in any other way than by their client. */
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
  /** How far the zone of the logs is ahead of UTC, by their lines. */
  zoneMs: number | undefined;

  /** Of each broker, by Erlang process or, where the log does not name it, by the client's end. */
  private readonly open = new Map<string, RecentMap<OpenConnection>>();
  private readonly dropped = new RecentMap<ConnectionHistory>(MOST_KEPT);
  /** Connections that were opened again at a time that is not known. */
  private readonly unknownDelay = new Set<ConnectionHistory>();
  /** When each connection ended. Two files or two collectors may have the same end. */
  private readonly ends = new RecentMap<number>(MOST_KEPT);

  /**
   * @param broker whose log it is.
   * @param at milliseconds since the epoch, when the event was.
   */
  add(event: BrokerEvent, broker: string, file: string, at: number | undefined): void {
    if (event.kind !== 'not read') this.brokers.add(broker);
    if (at !== undefined) {
      if (this.first === undefined || at < this.first) this.first = at;
      if (this.last === undefined || at > this.last) this.last = at;
    }
    const ref = { file, line: event.line };
    this.restarts.add(event.kind, broker, ref, at);
    if (event.kind === 'ended') this.ended(event, broker, ref, at);
    else if (event.kind === 'connection error') {
      if (event.what === 'other') return;
      const connection = event.connection && ownerOf(event.connection.name ?? '');
      this.moment({ broker, kind: event.what, at, text: event.reason, connection, ref });
    } else if ('connection' in event) this.opened(event.kind, event.connection, broker, at);
    else {
      if (event.kind === 'node starting') this.restarts.lost(broker, this.forget(broker));
      this.moment({ broker, kind: event.kind, at, text: event.text, ref });
    }
  }

  /** Moments of these kinds. */
  momentsOf(...kinds: readonly BrokerMoment['kind'][]): BrokerMoment[] {
    return this.moments.filter(({ kind }) => kinds.includes(kind));
  }

  private moment(moment: BrokerMoment): void {
    if (this.moments.length < MOST_KEPT) this.moments.push(moment);
  }

  /** Whatever was open when a broker ended is open no more. */
  private forget(broker: string): number {
    return this.openAt(broker).clear();
  }

  private openAt(broker: string): RecentMap<OpenConnection> {
    const known = this.open.get(broker);
    if (known) return known;
    const open = new RecentMap<OpenConnection>(MOST_KEPT);
    this.open.set(broker, open);
    return open;
  }

  private opened(
    kind: 'accepted' | 'named' | 'authenticated',
    mention: ConnectionMention,
    broker: string,
    at: number | undefined,
  ): void {
    const open = this.openConnection(kind, mention, broker, at);
    if (kind !== 'authenticated') return;
    const owner = ownerOf(open.name ?? '');
    this.countsOf(owner.program, mention.user).opened += 1;
    if (owner.id === undefined || at === undefined) return;
    if (this.openings.length < MOST_KEPT) {
      open.opening = { ...owner, ...mention, broker, at, ...addressAndPort(mention.peer) };
      this.openings.push(open.opening);
    }
    const dropped = this.dropped.get(owner.id);
    if (!dropped) return;
    if (dropped.user === undefined) this.nameUser(dropped, mention);
    if (at >= dropped.endedAt) dropped.reopenedAt = at;
    // The broker's clock was set back, at the end of summer time for instance.
    else if (dropped.broker === broker) this.unknownDelay.add(dropped);
    else return;
    this.dropped.delete(owner.id);
  }

  /** Everything has been read. A client may open its next connection at a broker whose log was read before. */
  end(): void {
    const openings = grouped(this.openings, ({ id }) => id);
    for (const history of [...this.drops, ...this.otherEnds]) {
      const own = history.id === undefined ? [] : (openings.get(history.id) ?? []);
      if (history.user === undefined && own[0]) this.nameUser(history, own[0]);
      if (this.unknownDelay.has(history)) continue;
      const { endedAt, reopenedAt = Number.POSITIVE_INFINITY } = history;
      const next = own.map(({ at }) => at).filter((at) => at >= endedAt && at < reopenedAt);
      if (next.length > 0) history.reopenedAt = next.reduce((a, b) => Math.min(a, b));
    }
  }

  /** The open connection that a line mentions, with what the line says of it. */
  private openConnection(
    kind: 'accepted' | 'named' | 'authenticated',
    { erlangProcess, peer, name, user, vhost }: ConnectionMention,
    broker: string,
    at: number | undefined,
  ): OpenConnection {
    const open = this.openAt(broker);
    const key = erlangProcess ?? peer;
    const known = open.get(key);
    if (known?.peer !== peer) {
      const opened = { peer, name, user, vhost, at };
      open.set(key, opened);
      return opened;
    }
    known.name = name ?? known.name;
    known.user = user ?? known.user;
    known.vhost = vhost ?? known.vhost;
    if (kind === 'authenticated' || known.at === undefined) known.at = at;
    return known;
  }

  /** An excerpt may not have the opening line, which names the user; that of the next connection does. */
  private nameUser(
    history: ConnectionHistory,
    { user, vhost }: Pick<ConnectionMention, 'user' | 'vhost'>,
  ): void {
    const { program, ended } = history;
    const unnamed = this.countsOf(program, undefined).ended;
    const named = this.countsOf(program, user).ended;
    unnamed.set(ended, (unnamed.get(ended) ?? 1) - 1);
    named.set(ended, (named.get(ended) ?? 0) + 1);
    history.user = user;
    history.vhost = vhost;
  }

  private ended(event: EndedEvent, broker: string, ref: LineRef, at: number | undefined): void {
    const { connection: mention, how, reason, timeoutSeconds } = event;
    if (this.isTold(event, at)) return;
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
    if (known?.opening && how !== 'closed by the client') known.opening.isLost = true;
    else if (known?.opening && at !== undefined) known.opening.closedAt = at;
    if (how === 'closed by the client' || at === undefined) return;
    const list = how === 'missed heartbeats' ? this.drops : this.otherEnds;
    if (list.length >= MOST_KEPT) {
      this.notKept += 1;
      return;
    }
    const openedAt = known?.at ?? (mention.durationMs === undefined ? undefined : at - mention.durationMs);
    const history: ConnectionHistory = {
      ...owner,
      ...addressAndPort(peer),
      broker,
      name,
      peer,
      user,
      vhost: mention.vhost ?? known?.vhost,
      openedAt,
      endedAt: at,
      ended: how,
      reason,
      timeoutSeconds,
      ref,
    };
    list.push(history);
    if (owner.id !== undefined) this.dropped.set(owner.id, history);
  }

  /** Whether another line has told this end. */
  private isTold(
    { how, connection: { erlangProcess, peer, local } }: EndedEvent,
    at: number | undefined,
  ): boolean {
    // The many that clients close are only counted, and cost time.
    if (how === 'closed by the client' || at === undefined) return false;
    const key = [how, erlangProcess, peer, local].join(' ');
    const before = this.ends.get(key);
    this.ends.set(key, at);
    // One of the two may have whole seconds only.
    return before !== undefined && Math.abs(at - before) <= SECOND_MS;
  }

  private countsOf(program: string, user: string | undefined): ProgramCounts {
    const key = `${program}\n${user ?? ''}`;
    const known = this.programs.get(key);
    if (known) return known;
    const counts: ProgramCounts = { program, user, opened: 0, ended: new Map() };
    this.programs.set(key, counts);
    return counts;
  }
}
