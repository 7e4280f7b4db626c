import type { Application } from '../applications/application.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { FaultFacts } from '../evidence/fault-facts.ts';
import type { FaultName } from '../rows/fault.ts';
import type { Traffic } from '../rows/traffic.ts';
import { type Doubt, firstDoubt } from './causes.ts';
import { blindInstrument } from './instruments.ts';
import { serverDifference } from './server-difference.ts';

/** A run under traffic, as it is judged. */
export interface Checked {
  readonly deployment: Deployment;
  readonly traffic: Traffic;
  readonly application: Pick<Application, 'connections'>;
  readonly evidence: Evidence;
  /** What was broken on purpose, and what was observed of that. */
  readonly fault?: { readonly name: FaultName; readonly facts: FaultFacts } | undefined;
}

/** Why a run says nothing of its row, whatever it shows. */
export function invalidRun({ deployment, traffic, evidence, fault }: Checked): Doubt | undefined {
  return firstDoubt(
    () => anotherServer(deployment, evidence, fault?.facts),
    () => blindInstrument(evidence),
    () => lateTraffic(traffic, evidence),
  );
}

function anotherServer(
  deployment: Deployment,
  { server }: Pick<Evidence, 'server'>,
  { processesAfter = [] }: Partial<FaultFacts> = {},
): Doubt | undefined {
  // A server that stops answering still counts as the same server.
  const after =
    processesAfter.length < deployment.processes ? server : { ...server, processes: processesAfter };
  const different = serverDifference(deployment, server) ?? serverDifference(deployment, after);
  return different === undefined
    ? undefined
    : { cause: 'another server', reason: `the server is not what the deployment says: ${different}` };
}

/** A request that left late was not the traffic that the row promises. */
function lateTraffic(
  { latestMs: bound }: Pick<Traffic, 'latestMs'>,
  { requests: { latestMs } }: Pick<Evidence, 'requests'>,
): Doubt | undefined {
  if (latestMs <= bound) return undefined;
  return {
    cause: 'late traffic',
    reason: `traffic was later than promised: a request left ${latestMs} ms after it was due, the bound is ${bound} ms`,
  };
}

/** Every process that opened an AMQP connection must report its heartbeat, and the broker must know of every one. */
export function unconfirmedHeartbeat({
  server,
  connections,
}: Pick<Evidence, 'server' | 'connections'>): Doubt | undefined {
  const connected = new Set(connections.all.flatMap(({ pid }) => pid ?? []));
  const unknown = server.processes.find(({ pid, connections: own }) => !connected.has(pid) && own.length > 0);
  if (unknown) {
    return {
      cause: 'blind instrument',
      reason: `process ${unknown.pid} has an AMQP connection that the broker’s log does not show: it is the log of another broker, or not all of it`,
    };
  }
  const silent = server.processes.find(({ pid, connections: own }) => connected.has(pid) && own.length === 0);
  if (!silent) return undefined;
  const itself = server.versions['oslo.messaging'] ? '' : ' (its module’s connections() must report it)';
  return {
    cause: 'heartbeat not confirmed',
    reason: `process ${silent.pid} opened an AMQP connection and did not report its heartbeat: asked after the window, it gave no answer or had none to show${itself}`,
  };
}
