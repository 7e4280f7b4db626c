import { z } from 'zod';
import { applications } from '../applications/index.ts';
import { routeOf } from '../applications/routes.ts';
import type { Frozen } from '../config/frozen.ts';
import { grouped } from '../config/grouped.ts';
import { wholeNumber } from '../config/quantities.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { type Evidence, evidenceSchema, loggers } from '../evidence/evidence.ts';
import { type FaultFacts, faultFactsSchema } from '../evidence/fault-facts.ts';
import { median } from '../evidence/median.ts';
import { isAnswered, isSlowed } from '../evidence/request-record.ts';
import { countLoggedBy } from '../verdict/logged-by.ts';

const { shape } = evidenceSchema;
const { slowedMs, slowOtherwiseMs, medianMsOf, maxMs, perProcess } = shape.requests.shape;
const { routes, replacement } = faultFactsSchema.shape;

/** What tables, claims and comparisons read of a row's evidence. */
export const figuresSchema = z.strictObject({
  versions: shape.server.shape.versions,
  heartbeatErrorsBefore: shape.heartbeatErrorsBefore,
  heartbeatErrors: wholeNumber.describe('from the first AMQP request to the end of the window'),
  drops: wholeNumber.describe('connections that the broker closed for missed heartbeats, by its log'),
  loggedBy: z.record(z.enum(loggers), wholeNumber).describe('drops by what logged them first'),
  silenceAtDrop: z
    .strictObject({ least: z.number(), most: z.number() })
    .optional()
    .describe(
      'the shortest and the longest silence of a connection before its drop, in heartbeats; missing: no drops',
    ),
  opened: wholeNumber.describe('connections, by the broker’s log'),
  requests: z.strictObject({
    sent: wholeNumber,
    failed: wholeNumber.describe('without an answer of 2xx'),
    slowedMs,
    slowOtherwiseMs,
    medianMsOf,
    unslowedMs: z
      .record(z.string(), z.number())
      .describe('by route: the median of its answers that no reconnect slowed; missing: they are too few'),
    maxMs,
    perProcess,
  }),
  messages: z.strictObject({ expected: shape.messages.shape.expected, lost: wholeNumber }),
  notAllowed: shape.notAllowed,
  afterClean: shape.afterClean,
  fault: z.strictObject({ routes, replacement }).optional().describe('of a row with a fault'),
});
export type Figures = Frozen<z.infer<typeof figuresSchema>>;

/** A record's evidence, or the figures that it has in its place. */
interface Executed {
  readonly deployment: Deployment;
  readonly evidence?: Evidence | undefined;
  readonly faultFacts?: FaultFacts | undefined;
  readonly figures?: Figures | undefined;
}

/** The figures of a row under traffic; undefined: it was not executed. */
export function figuresOf({ deployment, evidence, faultFacts, figures }: Executed): Figures | undefined {
  if (!evidence) return figures;
  const { server, brokerDrops, connections, requests, messages } = evidence;
  return {
    versions: server.versions,
    heartbeatErrorsBefore: evidence.heartbeatErrorsBefore,
    heartbeatErrors: evidence.heartbeatErrors.length,
    drops: brokerDrops.length,
    loggedBy: countLoggedBy(brokerDrops),
    silenceAtDrop: silenceAtDrop(deployment, connections.all),
    opened: connections.opened,
    requests: {
      sent: requests.sent,
      failed: requests.failed.length,
      slowedMs: requests.slowedMs,
      slowOtherwiseMs: requests.slowOtherwiseMs,
      medianMsOf: requests.medianMsOf,
      unslowedMs: unslowedMs(deployment, requests),
      maxMs: requests.maxMs,
      perProcess: requests.perProcess,
    },
    messages: { expected: messages.expected, lost: messages.lost.length },
    notAllowed: evidence.notAllowed,
    afterClean: evidence.afterClean,
    fault: faultFacts && { routes: faultFacts.routes, replacement: faultFacts.replacement },
  };
}

function silenceAtDrop(
  { heartbeatSeconds }: Deployment,
  connections: Evidence['connections']['all'],
): Figures['silenceAtDrop'] {
  const heartbeats = connections
    .filter(({ ended }) => ended === 'dropped by the broker')
    .map(({ silenceAtEndMs }) => silenceAtEndMs / (heartbeatSeconds * 1000));
  return heartbeats.length === 0
    ? undefined
    : { least: round(Math.min(...heartbeats)), most: round(Math.max(...heartbeats)) };
}

function round(heartbeats: number): number {
  return Math.round(heartbeats * 100) / 100;
}

/** The median of fewer answers is luck. */
const LEAST_ANSWERS = 5;

function unslowedMs(
  deployment: Deployment,
  { all, slowedMs }: Pick<Evidence['requests'], 'all' | 'slowedMs'>,
): Record<string, number> {
  // The record of an own application is not at hand, so its bound is taken from the evidence.
  const slowFromMs = Math.min(...slowedMs);
  const application = applications.find(({ name }) => name === deployment.application);
  const unslowed = all.filter((fact) => isAnswered(fact) && !isSlowed(fact, slowFromMs));
  const byRoute = [...grouped(unslowed, ({ path }) => routeOf(path, application) ?? path)];
  const enough = byRoute.filter(([, answers]) => answers.length >= LEAST_ANSWERS);
  return Object.fromEntries(
    enough.map(([route, answers]) => [
      route,
      median(answers.map(({ sentAt, endedAt }) => endedAt - sentAt)) ?? 0,
    ]),
  );
}
