import { count } from '../../config/count.ts';
import type { BrokerHistory, BrokerMoment } from '../history/broker-history.ts';
import { type ConnectionHistory, timeoutMsOf } from '../history/connection-history.ts';
import type { Joined } from '../join/joined-drop.ts';
import { type LogZone, timeWords } from './log-clock.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Lines of lost connections that match no drop. */
type Losses = Joined['alone'];

/** What was lost while the brokers of a cluster had trouble with each other. */
export interface OfCluster {
  readonly drops: ReadonlySet<ConnectionHistory>;
  readonly losses: ReadonlySet<Losses[number]>;
  readonly moments: readonly ClusterMoment[];
}

interface ClusterMoment extends BrokerMoment {
  readonly at: number;
  /** When the node was up again, where the trouble is that it was down. */
  readonly until: number;
}

// A node notices up to 75 s later that another is down, with the usual net_ticktime (https://www.rabbitmq.com/docs/nettick).
const NOTICED_MS = 75_000;
const RECONNECT_MS = 10 * 60_000;

/** Finds drops and losses near a partition, a node that went down or came up, or an overloaded link between nodes. */
export function ofCluster(broker: BrokerHistory, losses: Losses): OfCluster {
  const moments = clusterMoments(broker);
  // A node may be away for days, in which other things happen.
  const turns = moments.flatMap(({ at, until }) => [at, until]);
  const isNear = (time: number, afterMs: number) =>
    turns.some((turn) => time >= turn - NOTICED_MS && time <= turn + afterMs);
  // The broker drops a silent connection after two to three timeouts.
  const drops = broker.drops.filter((drop) => isNear(drop.endedAt, 3 * timeoutMsOf(drop)));
  const near = losses.filter(({ at }) => at !== undefined && isNear(at, RECONNECT_MS));
  return { drops: new Set(drops), losses: new Set(near), moments };
}

function clusterMoments(broker: BrokerHistory): ClusterMoment[] {
  const ups = broker.momentsOf('other node up');
  return broker.momentsOf('partition', 'other node down', 'busy port').flatMap((moment) => {
    const { at, node } = moment;
    if (at === undefined) return [];
    const up = ups.find((start) => node !== undefined && start.node === node && (start.at ?? 0) >= at);
    return [{ ...moment, at, until: up?.at ?? at }];
  });
}

const MOST_MOMENTS = 5;

/** The trouble, if anything was lost beside it. */
export function clusterTrouble(
  { drops, losses, moments }: OfCluster,
  broker: Pick<BrokerHistory, 'drops'>,
  zone: LogZone,
): Trouble[] {
  const others = broker.drops.length - drops.size;
  const words = [...new Set(moments.map((moment) => momentWords(moment, zone)))];
  const shownBy = [...moments, ...[...losses].map(({ moment }) => moment), ...drops].map(({ ref }) => ref);
  return troubleOf('cluster', drops.size + losses.size, shownBy, {
    because: [
      ...words.slice(0, MOST_MOMENTS),
      `near these moments are ${count(drops.size, 'drop')} and ${count(losses.size, 'other line')} of lost connections`,
    ],
    against: [others > 0 && `${count(others, 'drop')} at other times`],
  });
}

function momentWords({ kind, broker, node, at, until }: ClusterMoment, zone: LogZone): string {
  const when = timeWords(at, zone);
  if (kind === 'partition') return `${broker} saw a partition of the cluster at ${when}`;
  if (kind === 'busy port') return `${broker} waited for its link to another node at ${when}`;
  const back = until > at ? `, and up after ${Math.round((until - at) / 1000)} s` : '';
  return `${node ?? 'another node'} was down at ${when}${back}`;
}
