import { z } from 'zod';
import type { DisturbanceName } from '../config/disturbance.ts';
import type { Frozen } from '../config/frozen.ts';
import type { DisturbedName, DisturbedScenario, Times } from '../config/scenario.ts';
import {
  type Deployment,
  type DeploymentRow,
  deployment,
  deploymentName,
  type LookUp,
  refuseMissingRoutes,
  routeName,
} from '../deployment/deployment.ts';
import type { Replacement, RouteFacts } from '../evidence/disturbance-facts.ts';
import type { DisturbanceRecord } from './cell-record.ts';
import { type DisturbanceKind, disturbanceKinds } from './disturbance.ts';
import { named } from './expectation.ts';

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
}: Pick<DisturbanceRecord, 'disturbance' | 'scenario'>): string {
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

/** What of a record is not as its row expects, in words; nothing where all is well. Pure. */
export function disturbanceObjections(record: DisturbanceRecord): string[] {
  const { deployment, verdict, expected, evidence, facts } = record;
  if (verdict.kind === 'inconclusive') return [`could not tell (${verdict.cause}): ${verdict.reason}`];
  if (!evidence || !facts) return ['there is no evidence'];
  const wrong = expected.verdict !== undefined && verdict.kind !== expected.verdict;
  const { plain } = facts.routes;
  const share = plain && shareOf(plain.meanwhile);
  const why = verdict.kind === 'not recovered' ? ` (${verdict.reason})` : '';
  return [
    ...(wrong ? [`the verdict is ${verdict.kind}${why}, expected ${expected.verdict}`] : []),
    ...(expected.plainMeanwhile !== undefined && share !== expected.plainMeanwhile
      ? [
          `${share} of the requests on ${routeName(deployment, 'plain')} were answered meanwhile (${plain?.meanwhile.answered} of ${plain?.meanwhile.sent}), expected ${expected.plainMeanwhile}`,
        ]
      : []),
    ...(expected.lost === 'nothing'
      ? [
          ...named('a request failed', evidence.requests.failed),
          ...named('a message never arrived', evidence.messages.lost),
        ]
      : []),
    ...(expected.leftBehind ? leftBehindObjections(expected.leftBehind, facts.replacement) : []),
    ...named('nobody declared', evidence.undeclared),
  ];
}

function leftBehindObjections(
  expected: 'nothing' | 'something',
  replacement: Replacement | undefined,
): string[] {
  if (!replacement) return ['nobody looked for old processes'];
  const found = [
    ...replacement.left.map((pid) => `process ${pid} has not ended`),
    ...named('the broker still has a connection of an old process', replacement.connectionsLeft),
  ];
  if (expected === 'nothing') return found;
  return found.length > 0 ? [] : ['each old process has ended, and one at least should not have'];
}
