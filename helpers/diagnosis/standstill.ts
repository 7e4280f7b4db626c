import { grouped } from '../config/grouped.ts';
import type { ConnectionHistory } from './connection-history.ts';
import { isWsgiServer } from './wsgi-server.ts';

/** Different programs that lost their connections together. */
export interface Standstill {
  readonly at: number;
  readonly drops: readonly ConnectionHistory[];
  /** The one address that all the clients have; undefined if there are several. */
  readonly address: string | undefined;
}

const INSTANT_MS = 2000;
const DEFAULT_TIMEOUT_SECONDS = 60;
const FEWEST = 3;

/**
 * Finds moments at which different programs were dropped together, one of them at least with a heartbeat that does not
 * depend on requests. WSGI servers alone show nothing: at night all their processes are silent.
 */
export function standstills(drops: readonly ConnectionHistory[]): Standstill[] {
  const everywhere = clusters(drops, (timeoutMs) => Math.min(INSTANT_MS, timeoutMs / 10)).filter(isOfSeveral);
  const taken = new Set(everywhere.flat());
  const others = drops.filter((drop) => !taken.has(drop));
  const byAddress = grouped(others, ({ address }) => address);
  // A silent host's connections end as each one's own timer does, within half a timeout.
  const ofHosts = [...byAddress.values()].flatMap((all) =>
    clusters(all, (timeoutMs) => timeoutMs / 2).filter(isOfSeveral),
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

/** Drops whose distance from the first of their cluster is within the limit that their timeout sets. */
function clusters(
  drops: readonly ConnectionHistory[],
  limitMs: (timeoutMs: number) => number,
): ConnectionHistory[][] {
  const all: ConnectionHistory[][] = [];
  for (const drop of [...drops].sort((a, b) => a.endedAt - b.endedAt)) {
    const cluster = all.at(-1);
    const limit = limitMs(timeoutMsOf(drop));
    if (cluster && drop.endedAt - (cluster[0] as ConnectionHistory).endedAt <= limit) cluster.push(drop);
    else all.push([drop]);
  }
  return all;
}

function isOfSeveral(cluster: readonly ConnectionHistory[]): boolean {
  const programs = new Set(cluster.map(({ program }) => program));
  return (
    cluster.length >= FEWEST && programs.size >= 2 && [...programs].some((program) => !isWsgiServer(program))
  );
}

/** The heartbeat timeout of a drop, 60 s where its line does not name it. */
export function timeoutMsOf({
  timeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
}: Pick<ConnectionHistory, 'timeoutSeconds'>): number {
  return timeoutSeconds * 1000;
}
