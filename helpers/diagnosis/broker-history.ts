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

/** An event of a whole broker, or an error on a connection. */
export interface BrokerMoment {
  readonly kind: NodeEvent['kind'] | 'unexpected frame' | 'connection forced';
  /** Milliseconds since the epoch; undefined if the line has no time. */
  readonly at: number | undefined;
  readonly ref: LineRef;
}

/** A connection was opened. */
export interface Opening extends ConnectionOwner {
  readonly at: number;
  readonly port: number;
}

/** Connections of one program and user at the brokers. */
export interface ProgramCounts extends Pick<ConnectionOwner, 'program'> {
  readonly user: string | undefined;
  opened: number;
  readonly ended: Map<EndedEvent['how'], number>;
}

/** The most entries of each kind that are kept. Further drops and ends are only counted. */
export const MOST_KEPT = 20_000;

interface OpenConnection {
  readonly peer: string;
  readonly name: string | undefined;
  readonly user: string | undefined;
  readonly at: number | undefined;
}

/**
 * Collects the events in the logs of all brokers, in their order. Memory is bounded: a connection that its client closed
 * is only counted.
 */
export class BrokerHistory {
  /** Closed for missed heartbeats. */
  readonly drops: ConnectionHistory[] = [];
  /** Ended neither by missed heartbeats nor by their client. */
  readonly otherEnds: ConnectionHistory[] = [];
  readonly openings: Opening[] = [];
  readonly moments: BrokerMoment[] = [];
  readonly programs = new Map<string, ProgramCounts>();
  readonly brokers = new Set<string>();
  first: number | undefined;
  last: number | undefined;

  private readonly open = new RecentMap<OpenConnection>(MOST_KEPT);
  private readonly dropped = new RecentMap<ConnectionHistory>(MOST_KEPT);

  /**
   * @param broker whose log it is.
   * @param at milliseconds since the epoch, when the event was.
   */
  add(event: BrokerEvent, broker: string, file: string, at: number | undefined): void {
    this.brokers.add(broker);
    if (at !== undefined) {
      if (this.first === undefined || at < this.first) this.first = at;
      if (this.last === undefined || at > this.last) this.last = at;
    }
    const ref = { file, line: event.line };
    if (event.kind === 'ended') this.ended(event, broker, ref, at);
    else if (event.kind === 'connection error') {
      if (event.what !== 'other') this.moment({ kind: event.what, at, ref });
    } else if ('connection' in event) this.opened(event.kind, event.connection, broker, at);
    else {
      if (event.kind === 'node starting') this.forget(broker);
      this.moment({ kind: event.kind, at, ref });
    }
  }

  /** Moments of these kinds. */
  momentsOf(...kinds: readonly BrokerMoment['kind'][]): BrokerMoment[] {
    return this.moments.filter(({ kind }) => kinds.includes(kind));
  }

  private moment(moment: BrokerMoment): void {
    if (this.moments.length < MOST_KEPT) this.moments.push(moment);
  }

  /** Forgets a broker's open connections, because its restart has ended them. */
  private forget(broker: string): void {
    this.open.deleteAll((key) => key.startsWith(`${broker} `));
  }

  private opened(
    kind: 'accepted' | 'named' | 'authenticated',
    mention: ConnectionMention,
    broker: string,
    at: number | undefined,
  ): void {
    const key = `${broker} ${mention.erlangProcess ?? mention.peer}`;
    const before = this.open.get(key);
    const known = before?.peer === mention.peer ? before : undefined;
    const name = mention.name ?? known?.name;
    this.open.set(key, {
      peer: mention.peer,
      name,
      user: mention.user ?? known?.user,
      at: kind === 'authenticated' || known?.at === undefined ? at : known.at,
    });
    if (kind !== 'authenticated') return;
    const owner = ownerOf(name ?? '');
    this.countsOf(owner.program, mention.user).opened += 1;
    if (owner.id === undefined || at === undefined) return;
    if (this.openings.length < MOST_KEPT)
      this.openings.push({ ...owner, at, port: addressAndPort(mention.peer).port });
    const dropped = this.dropped.get(owner.id);
    if (dropped) {
      dropped.reopenedAt = at;
      if (dropped.user === undefined) this.nameUser(dropped, mention.user);
      this.dropped.delete(owner.id);
    }
  }

  /** Takes the user from the next connection, because an excerpt may lack the opening line of this one. */
  private nameUser(history: ConnectionHistory, user: string | undefined): void {
    const { program, ended } = history;
    const unnamed = this.countsOf(program, undefined).ended;
    const named = this.countsOf(program, user).ended;
    unnamed.set(ended, (unnamed.get(ended) ?? 1) - 1);
    named.set(ended, (named.get(ended) ?? 0) + 1);
    history.user = user;
  }

  private ended(event: EndedEvent, broker: string, ref: LineRef, at: number | undefined): void {
    const { connection: mention, how, timeoutSeconds } = event;
    const key = `${broker} ${mention.erlangProcess ?? mention.peer}`;
    const before = this.open.get(key);
    const known = before?.peer === mention.peer ? before : undefined;
    this.open.delete(key);
    const name = mention.name ?? known?.name ?? '';
    const owner = ownerOf(name);
    const user = mention.user ?? known?.user;
    const { ended } = this.countsOf(owner.program, user);
    ended.set(how, (ended.get(how) ?? 0) + 1);
    if (how === 'closed by the client' || at === undefined) return;
    const list = how === 'missed heartbeats' ? this.drops : this.otherEnds;
    if (list.length >= MOST_KEPT) return;
    const openedAt = known?.at ?? (mention.durationMs === undefined ? undefined : at - mention.durationMs);
    const history: ConnectionHistory = {
      ...owner,
      ...addressAndPort(mention.peer),
      name,
      peer: mention.peer,
      user,
      openedAt,
      endedAt: at,
      ended: how,
      timeoutSeconds,
      ref,
    };
    list.push(history);
    if (owner.id !== undefined) this.dropped.set(owner.id, history);
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

/** Kinds of moments that show that the broker restarted, or began to. */
export const restartKinds = [
  'listener stopped',
  'node starting',
  'node stopping',
] as const satisfies readonly NodeEvent['kind'][];
