import { type Route, routes } from '../applications/routes.ts';
import { type Deployment, routeName } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { FaultFacts } from '../evidence/fault-facts.ts';
import type { FaultName } from '../rows/fault-name.ts';
import { type Doubt, firstDoubt } from './causes.ts';
import { unprovenFault } from './fault-proof.ts';
import { unprovenLogger } from './instruments.ts';
import { type Checked, unconfirmedHeartbeat } from './validity.ts';
import { inconclusive, type Verdict } from './verdict.ts';

/** Judges whether a deployment recovered from a fault. */
export function recoveryVerdict({
  deployment,
  traffic,
  evidence,
  fault: { name, facts },
}: Checked & Required<Pick<Checked, 'fault'>> & { readonly fault: NonNullable<Checked['fault']> }): Verdict {
  const doubt = firstDoubt(
    () => unprovenFault(name, traffic.fault?.forMs ?? 0, evidence, facts),
    () => deafBefore(deployment, facts),
    () => unconfirmedHeartbeat(evidence),
    // A process that no longer answers is a result, and needs no marker.
    () => unprovenLogger(facts.processesAfter, evidence.applicationLog),
  );
  if (doubt) return inconclusive(doubt);
  const wrong = [
    ...lostProcesses(deployment, facts),
    ...keptProcesses(name, evidence, facts),
    ...unansweredAtEnd(deployment, facts),
  ];
  return wrong.length === 0 ? { kind: 'recovered' } : { kind: 'not recovered', reason: wrong.join('; ') };
}

/** If a route was not answered before the fault either, the run says nothing about the fault. */
function deafBefore(deployment: Deployment, facts: FaultFacts): Doubt | undefined {
  const deaf = routesOf(facts).find(([, { before }]) => before.answered === 0);
  return (
    deaf && {
      cause: 'no answer',
      reason: `no request on ${pathOf(deployment, deaf[0])} was answered before the fault`,
    }
  );
}

function lostProcesses({ processes }: Deployment, { processesAfter }: FaultFacts): string[] {
  const { length } = processesAfter;
  return length < processes ? [`${length} of ${processes} processes answered after the fault`] : [];
}

/** A reload must replace every process. */
function keptProcesses(
  fault: FaultName,
  { server }: Pick<Evidence, 'server'>,
  { processesAfter }: FaultFacts,
): string[] {
  if (fault !== 'graceful reload') return [];
  return server.processes
    .filter(({ pid }) => processesAfter.some((process) => process.pid === pid))
    .map(({ pid }) => `process ${pid} was not replaced: it still answered after the reload`);
}

function unansweredAtEnd(deployment: Deployment, facts: FaultFacts): string[] {
  return routesOf(facts).flatMap(([route, { atEnd }]) => {
    const lost = atEnd.sent - atEnd.answered;
    const path = pathOf(deployment, route);
    return lost > 0 ? [`${lost} of the last ${atEnd.sent} requests on ${path} were not answered`] : [];
  });
}

function routesOf(facts: FaultFacts) {
  return routes.flatMap((route) => {
    const found = facts.routes[route];
    return found ? [[route, found] as const] : [];
  });
}

function pathOf(deployment: Deployment, route: Route): string {
  return route === 'yield' ? route : routeName(deployment, route);
}
