import { getOrMake } from '../../config/get-or-make.ts';
import type { BrokerEvent } from '../../logs/rabbitmq-log.ts';
import type { LineRef } from './connection-history.ts';

/** A broker stopped and started again, as far as its log shows both. */
export interface Restart {
  readonly broker: string;
  /** When it began to stop or, after a crash, to start. Undefined if the line has no time. */
  readonly at: number | undefined;
  /** When it was last seen running. After a crash this is earlier than `at`. */
  readonly lastSeenAt: number | undefined;
  /** When it accepted connections again. */
  readonly backAt?: number | undefined;
  readonly ref: LineRef;
  /** Connections that ended with it. */
  readonly connections: number;
}

interface Open {
  restart?: { -readonly [Key in keyof Restart]: Restart[Key] } | undefined;
  /** Whether the log has a connection so far. If not, a start may be the broker's first, and is no restart. */
  hasConnections: boolean;
  hasStopped: boolean;
  lastSeenAt?: number;
}

const STOPS: readonly BrokerEvent['kind'][] = ['listener stopped', 'node stopping'];
const ENDS: readonly BrokerEvent['kind'][] = ['node started', 'listener started'];

/** Finds when brokers restarted, from the events of their logs. */
export class Restarts {
  readonly all: Restart[] = [];
  private readonly brokers = new Map<string, Open>();

  add(kind: BrokerEvent['kind'], broker: string, ref: LineRef, at: number | undefined): void {
    // Most events are of these kinds, and say nothing about a restart.
    if (kind === 'accepted' || kind === 'named') return;
    const open = this.openOf(broker);
    if (STOPS.includes(kind)) {
      open.hasStopped = true;
      this.begin(open, broker, ref, at);
    } else if (kind === 'node starting') {
      if (open.hasConnections || open.hasStopped) this.begin(open, broker, ref, at);
    } else if (ENDS.includes(kind)) {
      if (open.restart) open.restart.backAt = at;
      open.restart = undefined;
      open.hasStopped = false;
    } else if (kind === 'ended' || kind === 'authenticated') {
      open.hasConnections = true;
      if (kind === 'ended' && open.restart) open.restart.connections += 1;
    }
    if (at !== undefined) open.lastSeenAt = at;
  }

  /** @param connections how many were open when the broker was found to be starting. */
  lost(broker: string, connections: number): void {
    const { restart } = this.openOf(broker);
    if (restart) restart.connections += connections;
  }

  private begin(open: Open, broker: string, ref: LineRef, at: number | undefined): void {
    if (open.restart) return;
    const lastSeenAt = open.hasStopped ? at : (open.lastSeenAt ?? at);
    open.restart = { broker, at, lastSeenAt, ref, connections: 0 };
    this.all.push(open.restart);
  }

  private openOf(broker: string): Open {
    return getOrMake(this.brokers, broker, () => ({ hasConnections: false, hasStopped: false }));
  }
}
