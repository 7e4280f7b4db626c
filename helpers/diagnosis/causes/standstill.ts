import { grouped } from '../../config/grouped.ts';
import { type ConnectionHistory, timeoutMsOf } from '../history/connection-history.ts';
import { roleOf } from './wsgi-server.ts';

/** Different programs that lost their connections together. */
export interface Standstill {
  readonly at: number;
  readonly drops: readonly ConnectionHistory[];
  /** The address of all clients. Undefined if there are several. */
  readonly address: string | undefined;
}

const INSTANT_MS = 2000;
/** Fewer connections or processes that share a moment may be a coincidence. */
const FEWEST = 3;

/** Times count as one moment if they are no further apart than this. */
function instantOf(timeoutMs: number): number {
  return Math.min(INSTANT_MS, timeoutMs / 10);
}

/**
 * Finds moments at which different programs, or one program of different hosts, were dropped together. At least two of
 * them must be services whose heartbeat does not depend on requests (three if the names of some say nothing). WSGI
 * servers do not count, because all their processes can be silent at night. One service alone does not count, because
 * it may be dropped at that time by chance.
 */
export function standstills(drops: readonly ConnectionHistory[]): Standstill[] {
  const everywhere = clusters(drops, instantOf).filter(isOfSeveral);
  const taken = new Set(everywhere.flat());
  const others = drops.filter((drop) => !taken.has(drop));
  const byAddress = grouped(others, ({ address }) => address);
  // The broker has a timer for each connection, so the drops of one silent host are spread over a timeout or more.
  // Drops at most half a timeout after the first one belong together.
  const ofHosts = [...byAddress.values()].flatMap((all) =>
    clusters(all, (timeoutMs) => timeoutMs / 2)
      .filter(isOfSeveral)
      .map(withoutIdle),
  );
  return [...everywhere, ...ofHosts].map((cluster) => {
    const addresses = new Set(cluster.map(({ address }) => address));
    return {
      at: (cluster[0] as ConnectionHistory).endedAt,
      drops: cluster,
      address: addresses.size === 1 ? [...addresses][0] : undefined,
    };
  });
}

/** Without the processes of WSGI servers that did not come back when the others did: these may have been idle. */
function withoutIdle(cluster: readonly ConnectionHistory[]): ConnectionHistory[] {
  const others = cluster.filter((drop) => roleOf(drop) !== 'WSGI server');
  const isBackWithOthers = ({ reopenedAt = Number.POSITIVE_INFINITY, ...drop }: ConnectionHistory) =>
    others.some(
      ({ reopenedAt: other = Number.POSITIVE_INFINITY }) =>
        other === reopenedAt || Math.abs(other - reopenedAt) <= timeoutMsOf(drop),
    );
  return cluster.filter((drop) => others.includes(drop) || isBackWithOthers(drop));
}

/** A break of the network, or of a host, is seldom longer. */
const LONGEST_BREAK_TIMEOUTS = 10;

/** How a process came back, if others that had lost their connections with it came back at the same moment. */
export interface BackTogether {
  /** Whether so many came back that it is no coincidence. */
  readonly isSeveral: boolean;
  /** Whether it was away for no longer than a break usually takes. */
  readonly isSoon: boolean;
}

/**
 * Drops of several processes of one host, within one timeout, whose processes reconnected at the same moment. That
 * happens after a break of the network, and when a host that stood still resumes. A burst of requests does it as well.
 */
export function backTogether(drops: readonly ConnectionHistory[]): Map<ConnectionHistory, BackTogether> {
  const byAddress = grouped(drops, ({ address }) => address);
  const lostTogether = [...byAddress.values()].flatMap((all) => clusters(all, (timeoutMs) => timeoutMs));
  const back = lostTogether.flatMap((cluster) =>
    clusters(
      cluster.filter(({ reopenedAt }) => reopenedAt !== undefined),
      instantOf,
      ({ reopenedAt = 0 }) => reopenedAt,
    ),
  );
  return new Map(
    back.flatMap((cluster) => {
      const processes = new Set(cluster.map(({ pid }) => pid)).size;
      return processes > 1
        ? cluster.map((drop) => [drop, { isSeveral: processes >= FEWEST, isSoon: isSoon(drop) }] as const)
        : [];
    }),
  );
}

function isSoon(drop: ConnectionHistory): boolean {
  const { endedAt, reopenedAt = Number.POSITIVE_INFINITY } = drop;
  return reopenedAt - endedAt <= LONGEST_BREAK_TIMEOUTS * timeoutMsOf(drop);
}

/**
 * Whether processes that came back together look like the end of a break rather than of an idle time. After an idle time
 * a request wakes each of them.
 *
 * @param besideRequest whether the process served a request then; undefined: not known.
 */
export function looksLikeBreak(
  { isSeveral, isSoon }: BackTogether,
  besideRequest: boolean | undefined,
): boolean {
  return besideRequest === undefined ? isSoon && isSeveral : !besideRequest;
}

/** Groups drops by time. A drop joins a cluster if it is close enough to the first of it, by the drop's own timeout. */
function clusters(
  drops: readonly ConnectionHistory[],
  limitMs: (timeoutMs: number) => number,
  timeOf = ({ endedAt }: ConnectionHistory) => endedAt,
): ConnectionHistory[][] {
  const all: ConnectionHistory[][] = [];
  for (const drop of [...drops].sort((a, b) => timeOf(a) - timeOf(b))) {
    const cluster = all.at(-1);
    const limit = limitMs(timeoutMsOf(drop));
    if (cluster && timeOf(drop) - timeOf(cluster[0] as ConnectionHistory) <= limit) cluster.push(drop);
    else all.push([drop]);
  }
  return all;
}

const FEWEST_OWNERS = 2;
/** A program whose name says nothing may be an API. */
const FEWEST_UNKNOWN = 3;

function isOfSeveral(cluster: readonly ConnectionHistory[]): boolean {
  const of = (role: 'service' | 'unknown') => cluster.filter((drop) => roleOf(drop) === role);
  const services = new Set(of('service').map(({ address, program }) => `${address} ${program}`));
  // Free-form names are often different for each connection of one program.
  const unknown = new Set(of('unknown').map(({ address }) => address));
  return (
    cluster.length >= FEWEST &&
    (services.size >= FEWEST_OWNERS || services.size + unknown.size >= FEWEST_UNKNOWN)
  );
}
