import { z } from 'zod';
import type { DisturbanceName } from '../config/disturbance.ts';
import type { Frozen } from '../config/frozen.ts';
import { type DisturbedScenario, type Route, routes } from '../config/scenario.ts';
import { type Deployment, routeName } from '../deployment/deployment.ts';
import type { DisturbanceFacts } from '../evidence/disturbance-facts.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { causeNames, type Doubt } from './causes.ts';
import { undisturbed } from './disturbed.ts';
import { lateTraffic, unconfirmedHeartbeat } from './heartbeat.ts';
import { blindInstrument, unprovenLogger } from './instruments.ts';
import { serverDifference } from './server-difference.ts';

/**
 * What became of a deployment that was disturbed.
 * - `recovered`: at the end of the window each process answers, after a reload none of the old ones does, and every
 *   request is answered, on each route.
 * - `not recovered`: one of these is not so. What was lost before that is the price, and stands beside the verdict.
 */
export const disturbanceKinds = ['recovered', 'not recovered'] as const;
export type DisturbanceKind = (typeof disturbanceKinds)[number];

const inWords = z.string().describe('in a sentence, with what was seen');

export const disturbanceVerdictSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('recovered') }),
    z.strictObject({ kind: z.literal('not recovered'), reason: inWords }),
    z.strictObject({ kind: z.literal('inconclusive'), cause: z.enum(causeNames), reason: inWords }),
  ])
  .meta({ id: 'disturbanceVerdict' });
export type DisturbanceVerdict = Frozen<z.infer<typeof disturbanceVerdictSchema>>;

/** What was played, as far as the verdict asks for it. */
export interface Disturbed {
  readonly deployment: Deployment;
  readonly scenario: Pick<DisturbedScenario, 'latestMs' | 'disturbed'>;
  readonly disturbance: DisturbanceName;
}

/** Draws the verdict. Pure: nothing but what was observed decides, the expectation least of all. */
export function disturbanceVerdict(
  played: Disturbed,
  evidence: Evidence,
  facts: DisturbanceFacts,
): DisturbanceVerdict {
  for (const doubtOf of doubts) {
    const doubt = doubtOf(played, evidence, facts);
    if (doubt) return { kind: 'inconclusive', ...doubt };
  }
  const wrong = [
    ...lostProcesses(played, facts),
    ...keptProcesses(played, evidence, facts),
    ...unansweredAtEnd(played, facts),
  ];
  return wrong.length === 0 ? { kind: 'recovered' } : { kind: 'not recovered', reason: wrong.join('; ') };
}

type Judged = (played: Disturbed, evidence: Evidence, facts: DisturbanceFacts) => Doubt | undefined;

/** Reasons why nothing can be concluded; the first that applies counts. */
const doubts: readonly Judged[] = [
  ({ deployment }, { server }, { processesAfter }) => {
    const after = { ...server, processes: processesAfter };
    const different =
      serverDifference(deployment, server) ??
      // Who does not answer any more is no other server.
      (processesAfter.length < deployment.processes ? undefined : serverDifference(deployment, after));
    return different === undefined
      ? undefined
      : { cause: 'another server', reason: `the server is not what the deployment says: ${different}` };
  },
  (_played, evidence) => blindInstrument(evidence),
  ({ scenario }, evidence) => lateTraffic(scenario, evidence),
  ({ disturbance, scenario }, evidence, facts) =>
    undisturbed(disturbance, scenario.disturbed, evidence, facts),
  ({ deployment }, _evidence, facts) => deafBefore(deployment, facts),
  (_played, evidence) => unconfirmedHeartbeat(evidence),
  // Those that do not answer any more are the result.
  (_played, { applicationLog }, { processesAfter }) => unprovenLogger(processesAfter, applicationLog),
];

/** What was not answered before it was disturbed either says nothing of the disturbance. */
function deafBefore(deployment: Deployment, facts: DisturbanceFacts): Doubt | undefined {
  const deaf = routesOf(facts).find(([, { before }]) => before.answered === 0);
  return (
    deaf && {
      cause: 'no answer',
      reason: `no request on ${pathOf(deployment, deaf[0])} was answered before anything was disturbed`,
    }
  );
}

function lostProcesses(
  { deployment: { processes } }: Disturbed,
  { processesAfter }: DisturbanceFacts,
): string[] {
  const { length } = processesAfter;
  return length < processes ? [`${length} of ${processes} processes answered after it`] : [];
}

/** A reload is to replace every process; one that answers after it as before was not replaced. */
function keptProcesses(
  { disturbance }: Disturbed,
  { server }: Pick<Evidence, 'server'>,
  { processesAfter }: DisturbanceFacts,
): string[] {
  if (disturbance !== 'graceful reload') return [];
  return server.processes
    .filter(({ pid }) => processesAfter.some((it) => it.pid === pid))
    .map(({ pid }) => `process ${pid} answered after the reload as before: it was not replaced`);
}

function unansweredAtEnd({ deployment }: Disturbed, facts: DisturbanceFacts): string[] {
  return routesOf(facts).flatMap(
    ([
      route,
      {
        atEnd: { sent, answered },
      },
    ]) =>
      answered < sent
        ? [
            `${sent - answered} of the last ${sent} requests on ${pathOf(deployment, route)} were not answered`,
          ]
        : [],
  );
}

function routesOf(facts: DisturbanceFacts) {
  return routes.flatMap((route) => {
    const found = facts.routes[route];
    return found ? [[route, found] as const] : [];
  });
}

function pathOf(deployment: Deployment, route: Route): string {
  return route === 'yield' ? route : routeName(deployment, route);
}
