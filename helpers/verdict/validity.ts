import type { Application } from '../applications/application.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { FaultFacts } from '../evidence/fault-facts.ts';
import type { FaultName } from '../rows/fault-name.ts';
import type { Traffic } from '../rows/traffic.ts';
import { type Doubt, firstDoubt } from './causes.ts';
import { blindInstrument } from './instruments.ts';
import { serverDifference } from './server-difference.ts';

/** A run under traffic that is to be judged. */
export interface Checked {
  readonly deployment: Deployment;
  readonly traffic: Traffic;
  readonly application: Pick<Application, 'connections'>;
  readonly evidence: Evidence;
  /** The fault, and what was observed about it. */
  readonly fault?: { readonly name: FaultName; readonly facts: FaultFacts } | undefined;
}

/** Why a run says nothing about its row; undefined: it is valid. */
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
    : { cause: 'another server', reason: `the server differs from its deployment: ${different}` };
}

function lateTraffic(
  { latestMs: bound }: Pick<Traffic, 'latestMs'>,
  { requests: { latestMs } }: Pick<Evidence, 'requests'>,
): Doubt | undefined {
  if (latestMs <= bound) return undefined;
  return {
    cause: 'late traffic',
    reason: `a request was sent ${Math.ceil(latestMs)} ms after it was due, but the row tolerates at most ${bound} ms`,
  };
}

/**
 * The doubt about processes whose reports and connections disagree. Each process with a connection in the broker's log
 * must report its heartbeat, and the broker's log must have the connections that processes report.
 */
export function unconfirmedHeartbeat({
  server,
  connections,
}: Pick<Evidence, 'server' | 'connections'>): Doubt | undefined {
  const connected = new Set(connections.all.flatMap(({ pid }) => pid ?? []));
  const unknown = server.processes.find(({ pid, connections: own }) => !connected.has(pid) && own.length > 0);
  if (unknown) {
    return {
      cause: 'blind instrument',
      reason: `process ${unknown.pid} has an AMQP connection that the broker’s log lacks, so the log is incomplete or another broker’s`,
    };
  }
  const silent = server.processes.find(({ pid, connections: own }) => connected.has(pid) && own.length === 0);
  if (!silent) return undefined;
  const itself = server.versions['oslo.messaging'] ? '' : ' (its module’s connections() must do that)';
  return {
    cause: 'heartbeat not confirmed',
    reason: `process ${silent.pid} opened an AMQP connection, but did not report its heartbeat after the window${itself}`,
  };
}
