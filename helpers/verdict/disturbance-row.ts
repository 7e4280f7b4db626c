import { z } from 'zod';
import type { DisturbanceName } from '../config/disturbance.ts';
import type { Frozen } from '../config/frozen.ts';
import type { DisturbedName, DisturbedScenario, Scenario, Times } from '../config/scenario.ts';
import {
  type Deployment,
  type DeploymentRow,
  deployment,
  deploymentName,
  type LookUp,
  refuseMissingRoutes,
  routeName,
} from '../deployment/deployment.ts';
import type { RouteFacts } from '../evidence/disturbance-facts.ts';
import { type DisturbanceKind, disturbanceKinds } from './disturbance.ts';

/** How many of the requests on the plain route, which needs no AMQP, were answered while it lasted. */
export const shares = ['all', 'some', 'none'] as const;
export type Share = (typeof shares)[number];

export const disturbanceExpectationSchema = z
  .strictObject({
    verdict: z
      .enum(disturbanceKinds)
      .optional()
      .describe('missing: it is reported, and nothing is asserted of it'),
    plainMeanwhile: z
      .enum(shares)
      .optional()
      .describe('of the requests that need no AMQP; missing: it is reported'),
    lost: z
      .enum(['nothing', 'reported'])
      .describe('nothing: each request is answered with 2xx, and each message arrives'),
    leftBehind: z
      .enum(['nothing', 'something'])
      .optional()
      .describe('an old process, or a connection of one, 30 s after a reload; missing: it is reported'),
  })
  .meta({ id: 'disturbanceExpectation' });
/** What is asserted of a row. */
export type DisturbanceExpectation = Frozen<z.infer<typeof disturbanceExpectationSchema>>;

/** What one writes down of a deployment that is disturbed, and of what is expected then. */
export type DisturbanceRow = DeploymentRow & {
  readonly disturbance: DisturbanceName;
  /** `outage` or `reload` where it is not said. */
  readonly scenario?: DisturbedName;
  /** Not said: the verdict is reported. */
  readonly expected?: DisturbanceKind;
  /** Not said: it is reported. */
  readonly plainMeanwhile?: Share;
  /** `nothing` where it is not said. */
  readonly lost?: DisturbanceExpectation['lost'];
  /** Not said: it is reported. */
  readonly leftBehind?: DisturbanceExpectation['leftBehind'];
  /** In one sentence. */
  readonly why: string;
  /** What says so, where it is not this suite's own measurement. */
  readonly source?: string;
  /** Errors that this row expects in the logs, besides what the application logs while its broker is away. */
  readonly declares?: readonly RegExp[];
};

/** Rows that are played side by side. */
export interface DisturbanceTable {
  readonly title: string;
  readonly rows: readonly DisturbanceRow[];
}

/** A row as it is played: {@link DisturbanceRow} with all that it leaves unsaid. */
export interface DisturbedRow {
  readonly deployment: Deployment;
  readonly scenario: DisturbedScenario;
  readonly disturbance: DisturbanceName;
  readonly expected: DisturbanceExpectation;
  readonly why: string;
  readonly source?: string | undefined;
  readonly declares: readonly RegExp[];
}

const usualScenario: Readonly<Record<DisturbanceName, DisturbedName>> = {
  'broker down': 'outage',
  'network silent': 'outage',
  'graceful reload': 'reload',
};

/**
 * @param lookUp see {@link deployment}.
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense; RefusedError where
 *   the application cannot be served or asked so.
 */
export function disturbedRowOf(
  row: DisturbanceRow,
  { heartbeatSeconds, disturbed }: Times,
  lookUp?: LookUp,
): DisturbedRow {
  const { disturbance, scenario, expected, plainMeanwhile, lost, leftBehind, ...more } = row;
  const { why, source, declares = [], ...rest } = more;
  const it = deployment({ heartbeatSeconds, ...rest }, lookUp);
  const traffic = disturbed[scenario ?? usualScenario[disturbance]];
  refuseMissingRoutes(it, traffic);
  return {
    deployment: it,
    scenario: traffic,
    disturbance,
    expected: { verdict: expected, plainMeanwhile, lost: lost ?? 'nothing', leftBehind },
    why,
    ...(source !== undefined && { source }),
    declares,
  };
}

/** Whether a row asserts anything at all. */
export function assertsAnything({ lost, ...others }: DisturbanceExpectation): boolean {
  return lost !== 'reported' || Object.values(others).some((it) => it !== undefined);
}

/** How many of them were answered. */
export function shareOf({ sent, answered }: RouteFacts['meanwhile']): Share {
  if (answered === 0) return 'none';
  return answered < sent ? 'some' : 'all';
}

/** How a row's test is called: `prefork 2, broker down: recovered, nothing lost, / answers none meanwhile`. */
export function disturbedRowTitle({
  deployment,
  scenario,
  disturbance,
  expected,
}: Pick<DisturbedRow, 'deployment' | 'scenario' | 'disturbance' | 'expected'>): string {
  return `${deploymentName(deployment)}, ${disturbanceWords({ disturbance, scenario })}: ${disturbanceExpectationWords(deployment, expected)}`;
}

/** What is done, and to what traffic where it is not the usual one: `broker down, call`. */
export function disturbanceWords({
  disturbance,
  scenario,
}: Pick<DisturbedRow, 'disturbance'> & { readonly scenario: Pick<Scenario, 'name'> }): string {
  return scenario.name === 'outage, call' ? `${disturbance}, call` : disturbance;
}

/** What is asserted, in a few words. */
export function disturbanceExpectationWords(
  deployment: Deployment,
  { verdict, plainMeanwhile, lost, leftBehind }: DisturbanceExpectation,
): string {
  const words = [
    verdict,
    lost === 'nothing' && 'nothing lost',
    leftBehind && `${leftBehind} left behind`,
    plainMeanwhile && `${plainMeanwhile} of ${routeName(deployment, 'plain')} answered meanwhile`,
  ].filter(Boolean);
  return words.join(', ') || 'reported';
}
