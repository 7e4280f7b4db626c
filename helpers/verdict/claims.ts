import { deploymentName } from '../config/deployment.ts';
import type {
  CellRecord,
  ConnectionsRecord,
  HeartbeatRecord,
  SingleAbRecord,
  ThroughputRecord,
} from './cell-record.ts';

/** What the article concludes, in words of this project, and whether the verdicts bear it out. */
export interface Claim {
  readonly sentence: string;
  readonly answer: 'holds' | 'holds only where' | 'does not hold' | 'could not tell';
  readonly because: string;
}

/** Draws the claims for which there are cells. Pure. */
export function claims(records: readonly CellRecord[]): Claim[] {
  const heartbeat = records.filter((it): it is HeartbeatRecord => it.kind === 'heartbeat');
  const connections = records.filter((it): it is ConnectionsRecord => it.kind === 'connections');
  const ab = records.filter((it): it is SingleAbRecord => it.kind === 'single ab');
  const asInTheArticle = heartbeat.filter(isAsInTheArticle);
  return [
    ...errorAfterACall(asInTheArticle),
    ...errorOnlyUnderPrefork(heartbeat),
    ...eventKeepsTheConnection(asInTheArticle),
    ...fewerConnections(connections),
    ...throughputLoss(records.find(isArticlesComparison), ab),
  ];
}

/** The article's server, but for the number of processes and threads, which it does not say. */
function isAsInTheArticle({ deployment, scenario }: HeartbeatRecord): boolean {
  const { wsgi, concurrency, heartbeatThread } = deployment;
  return (
    wsgi === 'embedded' &&
    concurrency === 'eventlet' &&
    heartbeatThread === 'green' &&
    scenario.name === 'trickle'
  );
}

function errorAfterACall(cells: readonly HeartbeatRecord[]): Claim[] {
  const prefork = cells.filter(({ deployment }) => deployment.mpm === 'prefork');
  const several = prefork.filter(({ deployment }) => deployment.processes > 1);
  const alone = prefork.filter(({ deployment }) => deployment.processes === 1);
  if (several.length === 0) return [];
  const sentence = 'Under prefork the heartbeat error appears after calls, and not before them.';
  const unclear = inconclusive(prefork);
  if (unclear) return [{ sentence, ...unclear }];
  const before = several.reduce((sum, { evidence }) => sum + (evidence?.heartbeatErrorsBefore ?? 0), 0);
  if (before > 0 || several.some(({ verdict }) => verdict.kind !== 'reproduced')) {
    return [{ sentence, answer: 'does not hold', because: list(several) }];
  }
  const spared = alone.filter(({ verdict }) => verdict.kind === 'clean');
  return [
    spared.length > 0
      ? {
          sentence,
          answer: 'holds only where',
          because: `several processes share the traffic: ${list(several)}; but ${list(spared)}`,
        }
      : { sentence, answer: 'holds', because: list(several) },
  ];
}

function errorOnlyUnderPrefork(cells: readonly HeartbeatRecord[]): Claim[] {
  const others = cells.filter(({ deployment }) => deployment.mpm !== 'prefork');
  if (others.length === 0 || others.length === cells.length) return [];
  const sentence = 'The heartbeat error appears only under prefork.';
  const unclear = inconclusive(cells);
  if (unclear) return [{ sentence, ...unclear }];
  const logged = others.filter(({ verdict }) => verdict.kind === 'reproduced');
  return [
    logged.length > 0
      ? { sentence, answer: 'does not hold', because: list(logged) }
      : { sentence, answer: 'holds', because: 'for these deployments: no other one logs it' },
  ];
}

function eventKeepsTheConnection(cells: readonly HeartbeatRecord[]): Claim[] {
  const sentence = 'Event keeps the connection that prefork loses.';
  const event = cells.filter(({ deployment }) => deployment.mpm === 'event');
  const lost = cells.filter(
    ({ deployment, verdict }) => deployment.mpm === 'prefork' && verdict.kind !== 'clean',
  );
  if (event.length === 0 || lost.length === 0) return [];
  const unclear = inconclusive(cells);
  if (unclear) return [{ sentence, ...unclear }];
  const losing = event.filter(({ verdict }) => verdict.kind !== 'clean');
  if (losing.length === 0) return [{ sentence, answer: 'holds', because: list(event) }];
  const slowed = losing.reduce((sum, { evidence }) => sum + (evidence?.requests.slowedMs.length ?? 0), 0);
  return [
    {
      sentence,
      answer: 'does not hold',
      because: `with as many processes event loses it too: ${list(losing)}; ${slowed} requests were slowed by a reconnect`,
    },
  ];
}

function fewerConnections(cells: readonly ConnectionsRecord[]): Claim[] {
  const counted = cells.flatMap((it) => (it.opened === undefined ? [] : [{ ...it, opened: it.opened }]));
  const prefork = counted.filter(({ deployment }) => deployment.mpm === 'prefork');
  const event = counted.filter(({ deployment }) => deployment.mpm === 'event');
  const pairs = prefork.flatMap((a) =>
    event.filter((b) => b.deployment.processes === a.deployment.processes).map((b) => [a, b] as const),
  );
  if (pairs.length === 0) return [];
  const sentence = 'Event opens fewer AMQP connections.';
  const count = ({ deployment, opened }: (typeof counted)[number]) =>
    `${deploymentName(deployment)}: ${opened}`;
  const because = [...prefork, ...event].map(count).join('; ');
  if (pairs.every(([a, b]) => b.opened < a.opened)) return [{ sentence, answer: 'holds', because }];
  const some = prefork.some((a) => event.some((b) => b.opened < a.opened));
  return [
    some
      ? {
          sentence,
          answer: 'holds only where',
          because: `it has fewer processes: one connection each. ${because}`,
        }
      : { sentence, answer: 'does not hold', because },
  ];
}

/** The article's 531.55 and 563.17 requests a second. */
const ARTICLE_RATIO = 0.944;
const LOSS = 'Event answers 5.6 % fewer requests per second.';

function isArticlesComparison(record: CellRecord): record is ThroughputRecord {
  return (
    record.kind === 'throughput' &&
    record.load.route === 'plain' &&
    record.baseline.mpm === 'prefork' &&
    record.candidate.mpm === 'event'
  );
}

/** From the measured comparison; where there is none, the single pair stands for the record. */
function throughputLoss(measured: ThroughputRecord | undefined, runs: readonly SingleAbRecord[]): Claim[] {
  if (measured) return [{ sentence: LOSS, ...measuredLoss(measured) }];
  const of = (mpm: string) => runs.find(({ deployment }) => deployment.mpm === mpm);
  const [prefork, event] = [of('prefork'), of('event')];
  if (!prefork || !event) return [];
  const change = (event.requestsPerSecond / prefork.requestsPerSecond - 1) * 100;
  return [
    {
      sentence: LOSS,
      answer: 'could not tell',
      because: `one pair of runs decides nothing; here it gave ${prefork.requestsPerSecond.toFixed(0)} and ${event.requestsPerSecond.toFixed(0)} (${change > 0 ? '+' : ''}${change.toFixed(1)} %)`,
    },
  ];
}

function measuredLoss({ verdict, candidate }: ThroughputRecord): Pick<Claim, 'answer' | 'because'> {
  if (verdict.kind === 'inconclusive') return { answer: 'could not tell', because: verdict.reason };
  const { ratio, interval, blocks } = verdict.estimate;
  const { low = ratio, high = ratio } = interval ?? {};
  const because = `${deploymentName(candidate)} answers ${ratio.toFixed(3)} times as many (${low.toFixed(3)} to ${high.toFixed(3)}, ${blocks} blocks)`;
  if (low > ARTICLE_RATIO || high < ARTICLE_RATIO) return { answer: 'does not hold', because };
  return { answer: high < 1 ? 'holds' : 'could not tell', because };
}

function inconclusive(cells: readonly HeartbeatRecord[]): Pick<Claim, 'answer' | 'because'> | undefined {
  const unclear = cells.find(({ verdict }) => verdict.kind === 'inconclusive');
  if (unclear?.verdict.kind !== 'inconclusive') return undefined;
  return {
    answer: 'could not tell',
    because: `${deploymentName(unclear.deployment)}: ${unclear.verdict.reason}`,
  };
}

function list(cells: readonly HeartbeatRecord[]): string {
  return cells
    .map(({ deployment, verdict, evidence }) => {
      const drops = evidence ? `, ${evidence.brokerDrops.length} drops` : '';
      return `${deploymentName(deployment)} is ${verdict.kind}${drops}`;
    })
    .join('; ');
}
