import { z } from 'zod';
import { routes } from '../applications/routes.ts';
import type { Frozen } from '../config/frozen.ts';

/**
 * What became of the heartbeat.
 *
 * - `reproduced`: the broker dropped connections, and the heartbeat logged it.
 * - `dropped`: the broker dropped connections, and the heartbeat logged nothing, whatever the requests logged.
 * - `clean`: neither, every connection lived, and the same instruments have then seen a drop.
 */
export const heartbeatVerdicts = ['reproduced', 'dropped', 'clean'] as const;
export type HeartbeatVerdictKind = (typeof heartbeatVerdicts)[number];

/**
 * What became of a deployment after a fault.
 *
 * - `recovered`: at the end of the traffic every process answers, after a reload none of the old ones does, and every
 *   request is answered, on each route.
 * - `not recovered`: one of these is not so. What was lost before that is the impact.
 */
export const faultVerdicts = ['recovered', 'not recovered'] as const;
export type FaultVerdictKind = (typeof faultVerdicts)[number];

/** Whether the candidate loses no more throughput than the tolerance. */
export const throughputVerdicts = ['within', 'outside'] as const;
export type ThroughputVerdictKind = (typeof throughputVerdicts)[number];

export const verdictKinds = [
  ...heartbeatVerdicts,
  ...faultVerdicts,
  ...throughputVerdicts,
  'inconclusive',
] as const;
export type VerdictKind = (typeof verdictKinds)[number];

const bounds = z.strictObject({ atLeast: z.number().optional(), below: z.number().optional() });
type Bounds = Frozen<z.infer<typeof bounds>>;

const share = z.number().min(0).max(1);
const least = z.strictObject({
  drops: z.int().min(1).optional().describe('connections that the broker drops'),
  loggedByHeartbeat: share.optional().describe('share of the drops that the heartbeat logs first'),
  slowed: share.optional().describe('share of the requests that a reconnect slows'),
});

/** How many of several. */
export const shares = ['all', 'some', 'none'] as const;
export type ShareOf = (typeof shares)[number];

export const expectationSchema = z
  .strictObject({
    verdict: z
      .array(z.enum(verdictKinds))
      .min(1)
      .optional()
      .describe('one of several if the rest is luck; missing: nothing is asserted of it'),
    reason: z.string().optional().describe('of an expected `inconclusive`: a regular expression'),
    requests: z
      .enum(['all answered', 'some lost', 'any'])
      .describe('`all answered`: each with a status of 2xx; `any`: it is luck, and the figure is shown'),
    messages: z.enum(['all arrive', 'any']).describe('of the requests that were answered'),
    slowed: z.enum(['none', 'some', 'any']).describe('how many requests a reconnect slows'),
    least: least
      .optional()
      .describe('figures below which the verdict, or that some requests are slowed, rests on too little'),
    otherwiseBelowMs: z
      .number()
      .optional()
      .describe(
        'if no request may be slowed by a reconnect: what each takes at most, milliseconds; 1000 if it is missing. A slower one might have met a dead connection without logging it',
      ),
    answersMs: z
      .partialRecord(z.enum(routes), bounds)
      .optional()
      .describe('milliseconds that the median answer on a route takes'),
    plainDuringFault: z
      .enum(shares)
      .optional()
      .describe('how many of the requests that need no AMQP are answered while the fault lasts'),
    leftBehind: z
      .enum(['nothing', 'something'])
      .optional()
      .describe('30 s after a reload: an old process, or a connection of one'),
  })
  .meta({ id: 'expectation' });
/** What a row asserts, with all that it leaves unsaid. */
export type Expectation = Frozen<z.infer<typeof expectationSchema>>;

/** What one writes down of it. */
export type Expect = Partial<Omit<Expectation, 'verdict'>> & {
  readonly verdict?: VerdictKind | readonly VerdictKind[];
};

/** Of a row whose outcome is luck: it is shown, asserts nothing, and is skipped rather than passed. */
export const informational = { requests: 'any' } as const satisfies Expect;

/** Whether a row asserts nothing. */
export function isInformational({
  verdict,
  requests,
  slowed,
  answersMs,
  plainDuringFault,
  leftBehind,
}: Expectation): boolean {
  return (
    requests === 'any' &&
    slowed === 'any' &&
    [verdict, answersMs, plainDuringFault, leftBehind].every((it) => it === undefined)
  );
}

/** What is asserted, in a few words: `reproduced`; `some requests lost`; `informational`. */
export function expectationWords(expected: Expectation): string {
  const { verdict, requests, slowed, answersMs = {}, plainDuringFault, leftBehind } = expected;
  if (isInformational(expected)) return 'informational';
  const words = [
    verdict?.join(' or '),
    requests === 'all answered' && verdict === undefined && 'all requests answered',
    requests === 'some lost' && 'some requests lost',
    slowed === 'some' && verdict === undefined && 'some requests slowed',
    slowed === 'none' && verdict === undefined && 'no request slowed',
    plainDuringFault && `${plainDuringFault} answered on the plain route meanwhile`,
    leftBehind && `${leftBehind} left behind`,
    ...Object.entries(answersMs).map(([route, bounds]) => `a ${route} takes ${boundsWords(bounds)}`),
  ];
  return words.filter(Boolean).join(', ');
}

/** `500 ms or more`, `less than 200 ms`. */
export function boundsWords({ atLeast, below }: Bounds): string {
  return [atLeast !== undefined && `${atLeast} ms or more`, below !== undefined && `less than ${below} ms`]
    .filter(Boolean)
    .join(' and ');
}
