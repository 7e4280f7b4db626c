import { z } from 'zod';
import { routes } from '../applications/routes.ts';
import type { Frozen } from '../config/frozen.ts';
import { share } from '../config/quantities.ts';

/**
 * The verdicts about the heartbeat.
 *
 * - `reproduced`: the broker dropped connections, and the heartbeat logged that.
 * - `dropped`: the broker dropped connections, and the heartbeat logged nothing. Requests may have logged something.
 * - `clean`: the broker dropped no connection, every connection survived, and the same instruments saw a drop later.
 */
export const heartbeatVerdicts = ['reproduced', 'dropped', 'clean'] as const;
export type HeartbeatVerdictKind = (typeof heartbeatVerdicts)[number];

/**
 * The verdicts about a deployment after a fault.
 *
 * - `recovered`: at the end of the traffic, every process answers, and every request on each route is answered. After a
 *   reload, no old process answers.
 * - `not recovered`: at least one of these is not true. Earlier losses are the impact, not the verdict.
 */
const faultVerdicts = ['recovered', 'not recovered'] as const;

/** The verdicts about throughput: the candidate's loss is within the tolerance, or outside. */
export const throughputVerdicts = ['within', 'outside'] as const;
export type ThroughputVerdictKind = (typeof throughputVerdicts)[number];

/** All verdicts. */
const verdictKinds = [...heartbeatVerdicts, ...faultVerdicts, ...throughputVerdicts, 'inconclusive'] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** A request that takes this long is slow, whatever the reason; milliseconds. */
export const SLOW_FROM_MS = 1000;

const bounds = z.strictObject({ atLeast: z.number().optional(), below: z.number().optional() });
type Bounds = Frozen<z.infer<typeof bounds>>;

const least = z.strictObject({
  drops: z.int().min(1).optional().describe('connections that the broker drops'),
  loggedByHeartbeat: share.optional().describe('share of the drops that the heartbeat logs first'),
  slowed: share.optional().describe('share of the requests that a reconnect slows'),
});

/** How many of several things. */
export const amounts = ['all', 'some', 'none'] as const;
export type HowMany = (typeof amounts)[number];

export const expectationSchema = z
  .strictObject({
    verdict: z
      .array(z.enum(verdictKinds))
      .min(1)
      .optional()
      .describe('one of these; missing: the row asserts no verdict'),
    reason: z
      .string()
      .optional()
      .describe('a regular expression for the reason of an expected `inconclusive`'),
    requests: z
      .enum(['all answered', 'some lost', 'any'])
      .describe('`all answered`: each with a status of 2xx; `any`: luck, only the figure is shown'),
    messages: z.enum(['all arrive', 'any']).describe('the messages of answered requests'),
    slowed: z
      .enum(['none', 'some', 'any'])
      .describe('how many requests a reconnect slows; a smaller share than `least.slowed` counts as none'),
    least: least
      .optional()
      .describe('the fewest events that the verdict, and slowed requests, must be based on'),
    otherwiseBelowMs: z
      .number()
      .min(SLOW_FROM_MS)
      .optional()
      .describe(
        'if no reconnect may slow a request: the time below which each request must stay, milliseconds, 1000 at least; missing: 1000. A slower request may have met a dead connection without logging it',
      ),
    answersMs: z
      .partialRecord(z.enum(routes), bounds)
      .optional()
      .describe('the median duration of the answers on a route, milliseconds'),
    plainDuringFault: z
      .enum(amounts)
      .optional()
      .describe('how many requests without AMQP are answered during the fault'),
    leftBehind: z
      .enum(['nothing', 'something'])
      .optional()
      .describe('whether an old process, or a connection of one, remains 30 s after a reload'),
  })
  .meta({ id: 'expectation' });
/** Everything that a row asserts, with defaults filled in. */
export type Expectation = Frozen<z.infer<typeof expectationSchema>>;

/** What a row's author writes about its expectation. */
export type Expect = Partial<Omit<Expectation, 'verdict'>> & {
  readonly verdict?: VerdictKind | readonly VerdictKind[];
};

/**
 * The expectation of a row whose outcome is luck: its test is skipped rather than passed. The test still fails for
 * findings, e.g. log lines that are not allowed and lost messages, and for a run that could not be judged.
 */
export const informational = { requests: 'any' } as const satisfies Expect;

/** Whether the outcome of a row is luck, as with {@link informational}. */
export function isInformational({ requests, slowed, ...rest }: Expectation): boolean {
  const others = [rest.verdict, rest.answersMs, rest.plainDuringFault, rest.leftBehind];
  return requests === 'any' && slowed === 'any' && others.every((assertion) => assertion === undefined);
}

/** An expectation in a few words: `reproduced`; `some requests lost`; `informational`. */
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

/** Bounds in words: `500 ms or more`, `less than 200 ms`. */
export function boundsWords({ atLeast, below }: Bounds): string {
  return [atLeast !== undefined && `${atLeast} ms or more`, below !== undefined && `less than ${below} ms`]
    .filter(Boolean)
    .join(' and ');
}
