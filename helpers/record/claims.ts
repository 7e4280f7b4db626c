import { z } from 'zod';
import { suitesApplications } from '../applications/index.ts';
import { count } from '../config/count.ts';
import type { Frozen } from '../config/frozen.ts';
import { type Deployment, deploymentName } from '../deployment/deployment.ts';
import { causes } from '../verdict/causes.ts';
import { agreedCount } from '../verdict/connection-counts.ts';
import { loggedByWords } from '../verdict/logged-by.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { figuresOf } from './figures.ts';
import {
  type CellRecord,
  type ConnectionsRecord,
  type HeartbeatRecord,
  isConnections,
  isHeartbeat,
  isSingleAb,
  isThroughput,
  type SingleAbRecord,
  type ThroughputRecord,
} from './record.ts';

export const claimSchema = z.strictObject({
  sentence: z.string(),
  answer: z.enum(['holds', 'holds only where', 'does not hold', 'could not tell']),
  because: z.string(),
});
/** A sentence of the article in words of this project, and whether the verdicts support it. */
export type Claim = Frozen<z.infer<typeof claimSchema>>;

/** What the verdicts say of a claim, and which verdicts. */
type Judgement = Omit<Claim, 'sentence'>;

/** The cells of a run that claims need. */
interface Cells {
  /** The article's server in any size: Apache's own processes, patched, with a green heartbeat. */
  readonly article: readonly HeartbeatRecord[];
  /** The same server under requests that come together, or that wait for a reply. */
  readonly concurrent: readonly HeartbeatRecord[];
  /** The same with another heartbeat thread, or not patched. */
  readonly mitigated: readonly HeartbeatRecord[];
  readonly connections: readonly ConnectionsRecord[];
  readonly ab: readonly SingleAbRecord[];
  readonly throughput: ThroughputRecord | undefined;
}

/** The article's sentences, in its order. A claim is left out if no cell can decide it. */
const articlesClaims: Readonly<Record<string, (cells: Cells) => Judgement | undefined>> = {
  'Under prefork the heartbeat error appears after calls, and not before them.': errorAfterACall,
  'The heartbeat error appears only under prefork.': errorOnlyUnderPrefork,
  'Event keeps the connection that prefork loses.': eventKeepsTheConnection,
  'Event opens fewer AMQP connections.': fewerConnections,
  'Event answers 5.6 % fewer requests per second.': throughputLoss,
  'With event no change to oslo.messaging is needed.': noChangeNeeded,
  'The switch is optional, and is to be tested in isolation first.': toBeTestedFirst,
};

/** Judges the claims for which there are cells; those of a user's own application say nothing about the article. */
export function claims(all: readonly CellRecord[]): Claim[] {
  const records = all.filter((record) => isOfSuite(record.deployment));
  const heartbeat = records.filter(isHeartbeat);
  const embedded = heartbeat.filter(
    ({ deployment }) =>
      deployment.server === 'httpd' && deployment.wsgi === 'embedded' && deployment.logging === 'oslo.log',
  );
  const isGreen = ({ deployment }: HeartbeatRecord) =>
    deployment.concurrency === 'eventlet' && deployment.heartbeatThread === 'green';
  const article = embedded.filter(isGreen);
  const cells: Cells = {
    // An inconclusive row that asserts no verdict says nothing about a claim.
    article: article.filter(
      ({ expect, verdict }) => expect.verdict !== undefined || verdict.kind !== 'inconclusive',
    ),
    concurrent: article.filter(({ traffic: { name } }) => name.startsWith('burst') || name === 'call'),
    mitigated: embedded.filter((row) => !isGreen(row)),
    connections: records.filter(isConnections),
    ab: records.filter(isSingleAb),
    throughput: records.filter(isThroughput).find(isArticlesComparison),
  };
  return Object.entries(articlesClaims).flatMap(([sentence, judge]) => {
    const judgement = judge(cells);
    return judgement ? [{ sentence, ...judgement }] : [];
  });
}

function isOfSuite({ application }: Deployment): boolean {
  return suitesApplications.some(({ name }) => name === application);
}

function isUnder(mpm: 'prefork' | 'event') {
  return ({ deployment }: Pick<HeartbeatRecord, 'deployment'>) => deployment.mpm === mpm;
}

function errorAfterACall({ article }: Cells): Judgement | undefined {
  const prefork = article.filter(isUnder('prefork')).filter(({ traffic }) => traffic.name === 'trickle');
  const several = prefork.filter(({ deployment }) => deployment.processes > 1);
  if (several.length === 0) return undefined;
  const unclear = inconclusive(prefork);
  if (unclear) return unclear;
  const before = prefork.some((cell) => (figuresOf(cell)?.heartbeatErrorsBefore ?? 0) > 0);
  const after = prefork.filter(({ verdict }) => verdict.kind === 'reproduced');
  if (before || after.length === 0) return { answer: 'does not hold', because: list(prefork) };
  const spared = prefork.filter(({ verdict }) => verdict.kind !== 'reproduced');
  return spared.length > 0
    ? {
        answer: 'holds only where',
        because: `enough processes share the traffic: ${list(after)}; but ${list(spared)}`,
      }
    : { answer: 'holds', because: list(after) };
}

function errorOnlyUnderPrefork({ article }: Cells): Judgement | undefined {
  const others = article.filter((row) => !isUnder('prefork')(row));
  if (others.length === 0 || others.length === article.length) return undefined;
  const unclear = inconclusive(article);
  if (unclear) return unclear;
  const logged = others.filter(({ verdict }) => verdict.kind === 'reproduced');
  if (logged.length === 0)
    return {
      answer: 'holds',
      because: 'where the MPM runs the application, the heartbeat logs the error under no other MPM',
    };
  return {
    answer: 'does not hold',
    because: `the heartbeat logs the error under another MPM too: ${list(logged)}`,
  };
}

function eventKeepsTheConnection({ article }: Cells): Judgement | undefined {
  const event = article.filter(isUnder('event'));
  const lost = article.filter((row) => isUnder('prefork')(row) && row.verdict.kind !== 'clean');
  if (event.length === 0 || lost.length === 0) return undefined;
  const unclear = inconclusive(article);
  if (unclear) return unclear;
  const losing = event.filter(({ verdict }) => verdict.kind !== 'clean');
  if (losing.length === 0) return { answer: 'holds', because: list(event) };
  const slowed = losing.reduce((sum, cell) => sum + (figuresOf(cell)?.requests.slowedMs.length ?? 0), 0);
  return {
    answer: 'does not hold',
    because: `event loses connections too, with as many processes as prefork or as little traffic for each: ${list(losing)}; requests slowed by a reconnect: ${slowed}`,
  };
}

function fewerConnections({ connections: cells }: Cells): Judgement | undefined {
  const counted: { deployment: Deployment; connections: number }[] = [];
  for (const { deployment, ...counts } of cells) {
    const { connections, doubt } = agreedCount(counts);
    if (doubt !== undefined) {
      return { answer: 'could not tell', because: `${deploymentName(deployment)}: ${doubt}` };
    }
    counted.push({ deployment, connections });
  }
  const prefork = counted.filter(isUnder('prefork'));
  const event = counted.filter(isUnder('event'));
  const pairs = prefork.flatMap((a) =>
    event.filter((b) => b.deployment.processes === a.deployment.processes).map((b) => [a, b] as const),
  );
  if (pairs.length === 0) return undefined;
  const words = ({ deployment, connections }: (typeof counted)[number]) =>
    `${deploymentName(deployment)}: ${connections}`;
  const because = [...prefork, ...event].map(words).join('; ');
  if (pairs.every(([a, b]) => b.connections < a.connections)) return { answer: 'holds', because };
  const some = prefork.some((a) => event.some((b) => b.connections < a.connections));
  return some
    ? { answer: 'holds only where', because: `it has fewer processes: one connection each. ${because}` }
    : { answer: 'does not hold', because };
}

/** The article's 531.55 and 563.17 requests a second. */
const ARTICLE_RATIO = 0.944;

function isArticlesComparison({ deployment, comparison: { load, baseline } }: ThroughputRecord): boolean {
  return load.route === 'plain' && baseline.mpm === 'prefork' && deployment.mpm === 'event';
}

/** Judged by the measured comparison. Without it, the single pair is shown, and decides nothing. */
function throughputLoss({ throughput, ab }: Cells): Judgement | undefined {
  if (throughput) return measuredLoss(throughput);
  const [prefork, event] = [ab.find(isUnder('prefork')), ab.find(isUnder('event'))];
  if (!prefork || !event) return undefined;
  const change = (event.requestsPerSecond / prefork.requestsPerSecond - 1) * 100;
  return {
    answer: 'could not tell',
    because: `one pair of runs decides nothing; here it gave ${prefork.requestsPerSecond.toFixed(0)} and ${event.requestsPerSecond.toFixed(0)} (${change > 0 ? '+' : ''}${change.toFixed(1)} %)`,
  };
}

function measuredLoss({ verdict, deployment }: ThroughputRecord): Judgement {
  if (!('estimate' in verdict) || verdict.kind === 'inconclusive') {
    return { answer: 'could not tell', because: 'reason' in verdict ? verdict.reason : '' };
  }
  const { ratio, interval, blocks } = verdict.estimate;
  const { low = ratio, high = ratio } = interval ?? {};
  const because = `${deploymentName(deployment)} answers ${ratio.toFixed(3)} times as many (${low.toFixed(3)} to ${high.toFixed(3)}, ${blocks} blocks)`;
  if (low > ARTICLE_RATIO || high < ARTICLE_RATIO) return { answer: 'does not hold', because };
  return { answer: high < 1 ? 'holds' : 'could not tell', because };
}

/** A change is needed if event loses connections that a heartbeat in a native thread keeps. oslo.messaging added it. */
function noChangeNeeded({ article, mitigated }: Cells): Judgement | undefined {
  const event = article.filter(isUnder('event'));
  const native = mitigated.filter(({ deployment }) => deployment.heartbeatThread === 'native');
  if (event.length === 0 || native.length === 0) return undefined;
  const unclear = inconclusive([...event, ...native]);
  if (unclear) return unclear;
  const losing = event.filter(({ verdict }) => verdict.kind !== 'clean');
  const kept = native.filter(({ verdict }) => verdict.kind === 'clean');
  if (losing.length === 0) return { answer: 'holds', because: list(event) };
  if (kept.length === 0) return { answer: 'could not tell', because: list([...losing, ...native]) };
  return {
    answer: 'does not hold',
    because: `event loses connections that oslo.messaging’s heartbeat_in_pthread keeps: ${list(losing)}; but ${list(kept)}`,
  };
}

/** Event must be tested first if it loses requests. Those that prefork lost are shown beside them. */
function toBeTestedFirst({ concurrent }: Cells): Judgement | undefined {
  const [prefork, event] = [concurrent.filter(isUnder('prefork')), concurrent.filter(isUnder('event'))];
  if (event.length === 0) return undefined;
  // The requests are known even if the heartbeat could not be judged.
  const unclear = inconclusive([...prefork, ...event].filter(({ verdict }) => isOfTheRun(verdict)));
  if (unclear) return unclear;
  const lossy = event.filter((cell) => (figuresOf(cell)?.requests.failed ?? 0) > 0);
  const lost = (cell: HeartbeatRecord) => {
    const { failed = 0, sent = 0 } = figuresOf(cell)?.requests ?? {};
    return `${deploymentName(cell.deployment)}, ${cell.traffic.name}: ${failed} of ${sent}`;
  };
  const but = prefork.length > 0 ? `; but ${prefork.map(lost).join('; ')}` : '';
  return lossy.length > 0
    ? { answer: 'holds', because: `under event requests are lost: ${lossy.map(lost).join('; ')}${but}` }
    : {
        answer: 'could not tell',
        because: `no request was lost here: ${[...event, ...prefork].map(lost).join('; ')}`,
      };
}

function isOfTheRun(verdict: Verdict): boolean {
  return verdict.kind === 'inconclusive' && causes[verdict.cause].of === 'run';
}

function inconclusive(cells: readonly HeartbeatRecord[]): Judgement | undefined {
  const unclear = cells.find(({ verdict }) => verdict.kind === 'inconclusive');
  if (unclear?.verdict.kind !== 'inconclusive') return undefined;
  return {
    answer: 'could not tell',
    because: `${deploymentName(unclear.deployment)}: ${unclear.verdict.reason}`,
  };
}

/** This many cells are named; the others are counted. */
const MOST_NAMED = 4;

function list(cells: readonly HeartbeatRecord[]): string {
  const more = cells.length - MOST_NAMED;
  const named = cells.slice(0, MOST_NAMED).map((cell) => {
    const { deployment, traffic, verdict } = cell;
    const words = traffic.name === 'trickle' ? '' : `, ${traffic.name}`;
    const figures = figuresOf(cell);
    const dropped = figures ? `, ${count(figures.drops, 'drop')}${loggedByWords(figures.loggedBy)}` : '';
    return `${deploymentName(deployment)}${words} – ${verdict.kind}${dropped}`;
  });
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
