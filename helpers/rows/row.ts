import type { Application } from '../applications/application.ts';
import { asksOf } from '../applications/routes.ts';
import { OneLineError } from '../config/one-line.ts';
import type { Options } from '../config/options.ts';
import {
  applicationOf,
  type Deployment,
  type DeploymentInput,
  deployment,
  deploymentName,
  type LookUp,
  RefusedError,
} from '../deployment/deployment.ts';
import { type Expect, type Expectation, expectationWords, SLOW_FROM_MS } from './expectation.ts';
import type { FaultName } from './fault-name.ts';
import { articleTls, type Load } from './load.ts';
import type { PreconditionName } from './precondition.ts';
import { defaultTerms, type ThroughputTerms } from './throughput-terms.ts';
import type { Times, Traffic, TrafficName } from './traffic.ts';

/** A row as its author writes it: a deployment, its traffic, what is expected, and why. */
export interface Row {
  /** Short, stable and unique: `article/prefork-8`. Everything refers to the row by its id. */
  readonly id: string;
  readonly deployment: DeploymentInput;
  /** The tools, with their series, that deploy a service like this; `source` is the evidence. */
  readonly layout?: string | undefined;
  /** Missing: `trickle`, or the traffic of the fault. */
  readonly traffic?: TrafficName;
  /** What is broken in the middle of the traffic. */
  readonly fault?: FaultName;
  /** Instead of traffic: the deployment's throughput is compared with a baseline's. */
  readonly load?: LoadInput;
  readonly expect: Expect;
  /** The reason for the expectation, in one sentence. */
  readonly why: string;
  /** A source for the expectation, if it is not this suite's own measurement. */
  readonly source?: string;
  readonly preconditions?: readonly PreconditionName[];
  /** Errors in logs that this row allows, besides those that its server and its application allow. */
  readonly allowedErrors?: readonly RegExp[];
  /** Which execution of a row this is, in a run that executes each row several times. */
  readonly repetition?: Repetition;
}

/** One of several executions of a row. */
export interface Repetition {
  /** The id of the row. */
  readonly of: string;
  /** From 1. */
  readonly number: number;
}

/** The load of a row, as its author writes it. */
export interface LoadInput {
  readonly baseline: DeploymentInput;
  /** The CPU quota of each server. */
  readonly cpus: number;
  readonly route: Load['route'];
}

/** Rows that belong together, in the order in which reports show them. */
export interface RowGroup {
  readonly title: string;
  readonly rows: readonly Row[];
}

interface Planned extends Pick<Row, 'id' | 'layout' | 'why' | 'source' | 'repetition'> {
  readonly deployment: Deployment;
  readonly expect: Expectation;
  readonly preconditions: readonly PreconditionName[];
  readonly allowedErrors: readonly RegExp[];
}

/** A row under traffic, with defaults filled in. */
export interface TrafficRow extends Planned {
  readonly traffic: Traffic;
  readonly fault?: FaultName | undefined;
  readonly comparison?: undefined;
}

/** What a row's deployment is compared with, and under which load. */
export interface Comparison {
  readonly baseline: Deployment;
  readonly load: Load;
  readonly terms: ThroughputTerms;
}

/** A row with a load, with defaults filled in. */
export interface ThroughputRow extends Planned {
  readonly comparison: Comparison;
  readonly traffic?: undefined;
  readonly fault?: undefined;
}

/** A row that can be executed. */
export type PlannedRow = TrafficRow | ThroughputRow;

/** The settings of every row, from the options of a run. */
export interface Settings
  extends Pick<Options, 'requests' | 'concurrency' | 'tolerance' | 'confidence' | 'blocks'> {
  readonly times: Times;
}

/** An invalid row; the message is the one line to show. */
export class RowError extends OneLineError {
  override readonly name = 'RowError';
}

/** The row itself, or several copies of it, each with a separate id: `article/prefork-8/1`. */
export function repeated(row: Row, times: number): Row[] {
  if (times === 1) return [row];
  return Array.from({ length: times }, (_, index) => ({
    ...row,
    id: `${row.id}/${index + 1}`,
    repetition: { of: row.id, number: index + 1 },
  }));
}

const trafficOfFault: Readonly<Record<FaultName, TrafficName>> = {
  'broker down': 'outage',
  'network silent': 'outage',
  'graceful reload': 'reload',
};

/**
 * Fills in what a row leaves out.
 *
 * @param lookUp see {@link deployment}.
 * @throws DeploymentError with one line, before anything is started, for an invalid row.
 * @throws RefusedError if the application does not support the deployment or lacks a route.
 */
export function planRow(row: Row, settings: Settings, lookUp?: LookUp): PlannedRow {
  return row.load ? throughputRow(row, row.load, settings, lookUp) : trafficRow(row, settings, lookUp);
}

/** Like {@link planRow}, for a row under traffic. @throws RowError for a row with a load. */
export function trafficRow(row: Row, { times }: Pick<Settings, 'times'>, lookUp?: LookUp): TrafficRow {
  const { fault, load } = row;
  if (load) throw new RowError(`row ${row.id}: a row with a load has no traffic`);
  const made = deployment({ heartbeatSeconds: times.heartbeatSeconds, ...row.deployment }, lookUp);
  const traffic = times.traffic[row.traffic ?? (fault ? trafficOfFault[fault] : 'trickle')];
  refuseMissingRoutes(made, traffic);
  const expecting = expectedByRecord(row, applicationOf(made));
  return { ...planned(expecting, made), traffic, ...(fault !== undefined && { fault }) };
}

/**
 * A row without a fault, with the verdict that the application's record expects of every row, if it expects one. The
 * row's own source, preconditions and allowed errors are dropped, and its reason is replaced, because they belong to the
 * old expectation.
 */
function expectedByRecord(row: Row, { expected, name }: Application): Row {
  if (row.fault !== undefined || expected === undefined) return row;
  const { source: _, preconditions: __, allowedErrors: ___, ...rest } = row;
  return {
    ...rest,
    expect: { verdict: expected, slowed: 'none' },
    why: `the record of ${name} says so`,
  };
}

/** Nova's default, seconds, so that no connection is dropped while throughput is measured. */
const NO_DROP_SECONDS = 60;

function throughputRow(
  row: Row,
  { baseline, cpus, route }: LoadInput,
  settings: Settings,
  lookUp?: LookUp,
): ThroughputRow {
  const { requests, concurrency, tolerance, confidence, blocks } = settings;
  const [candidate, other] = [row.deployment, baseline].map((written) => {
    const made = deployment({ heartbeatSeconds: NO_DROP_SECONDS, ...written, cpus }, lookUp);
    const { name, routes } = applicationOf(made);
    const found = routes[route];
    if (!found) throw new RefusedError(made, route, `${name} has no ${route} route`);
    if (found.method) {
      throw new RefusedError(made, route, `ab sends GET, but ${name} needs ${found.method} on ${found.path}`);
    }
    return made;
  }) as [Deployment, Deployment];
  const load = { route, requests, concurrency, tls: articleTls };
  const terms = { ...defaultTerms, tolerance, confidence, mostBlocks: blocks };
  return { ...planned(row, candidate), comparison: { baseline: other, load, terms } };
}

function planned(row: Row, made: Deployment): Planned {
  const { id, layout, source, repetition, preconditions = [], allowedErrors = [] } = row;
  return {
    id,
    ...(repetition && { repetition }),
    deployment: made,
    ...(layout !== undefined && { layout }),
    ...asLogged(complete(row, made), row.why, applicationOf(made)),
    ...(source !== undefined && { source }),
    preconditions,
    allowedErrors,
  };
}

/** @throws RefusedError if the application has no route that the traffic asks for. */
function refuseMissingRoutes(made: Deployment, { name, phases }: Traffic): void {
  const application = applicationOf(made);
  const asked = phases.flatMap(({ route, everyFourth = route }) => [route, everyFourth]);
  const missing = asked.find((route) => !asksOf(application)[route]);
  if (missing) throw new RefusedError(made, name, `${application.name} has no ${missing} route`);
}

/** Fills in what an expectation leaves out. @throws RowError with one line for a bound that would assert nothing. */
function complete(
  { id, expect, load }: Pick<Row, 'id' | 'expect' | 'load'>,
  { processes }: Pick<Deployment, 'processes'>,
): Expectation {
  const { verdict, least, ...rest } = expect;
  if (rest.otherwiseBelowMs !== undefined && rest.otherwiseBelowMs < SLOW_FROM_MS) {
    throw new RowError(
      `row ${id}: otherwiseBelowMs is ${rest.otherwiseBelowMs}, expected ${SLOW_FROM_MS} or more`,
    );
  }
  const kinds = typeof verdict === 'string' ? [verdict] : verdict;
  const isOnly = (kind: string) => kinds?.length === 1 && kinds[0] === kind;
  const figures = {
    // One event is too little for a verdict. In recorded tables (docs/results.md), every process of a `reproduced` row
    // loses a connection, and the heartbeat logs 62 to 100 % of the drops first. (No request follows the last drop of a
    // process, so nothing wakes the heartbeat.)
    ...(isOnly('reproduced') && { drops: processes, loggedByHeartbeat: 0.5 }),
    // In two rows that assert no slowed request, one of 32 was slowed in some tables: it met the dead connection before the
    // heartbeat did.
    ...(rest.slowed === 'none' && isOnly('reproduced') && { slowed: 0.05 }),
    ...least,
  };
  return {
    requests: load ? 'any' : 'all answered',
    messages: load ? 'any' : 'all arrive',
    slowed: isOnly('clean') ? 'none' : 'any',
    ...rest,
    ...(kinds && { verdict: kinds }),
    ...(Object.keys(figures).length > 0 && { least: figures }),
  };
}

/** The parts of an expectation that the application's log can show, and a `why` that says which parts are missing. */
function asLogged(
  expect: Expectation,
  why: string,
  { name, signatures: { heartbeatErrors, unreachable } }: Application,
): Pick<Planned, 'expect' | 'why'> {
  const {
    verdict,
    slowed,
    least: { loggedByHeartbeat, slowed: leastSlowed, ...least } = {},
    ...rest
  } = expect;
  const noHeartbeat = heartbeatErrors.length === 0 && verdict?.includes('reproduced');
  const noRequests = unreachable === undefined && slowed !== 'any';
  const dropped = verdict?.map((kind) => (kind === 'reproduced' ? 'dropped' : kind));
  return {
    expect: {
      ...rest,
      ...(verdict && { verdict: noHeartbeat ? [...new Set(dropped)] : verdict }),
      slowed: noRequests ? 'any' : slowed,
      ...(expect.least && {
        least: {
          ...least,
          ...(loggedByHeartbeat !== undefined && !noHeartbeat && { loggedByHeartbeat }),
          ...(leastSlowed !== undefined && !noRequests && { slowed: leastSlowed }),
        },
      }),
    },
    why: [
      why,
      ...(noHeartbeat ? [`${name} logs no heartbeat error, so a drop shows only in the broker’s log`] : []),
      ...(noRequests
        ? [`${name} logs no reconnect of a request, so nothing is asserted about slowed requests`]
        : []),
    ].join('; '),
  };
}

/** A row's deployment in words, after the name of its layout if it has one. */
export function servedWords({ layout, deployment }: Pick<Planned, 'layout' | 'deployment'>): string {
  return layout === undefined ? deploymentName(deployment) : `${layout}: ${deploymentName(deployment)}`;
}

/** The name of one of two compared deployments, without the heartbeat if both have the same, and without the CPUs. */
export function nameBeside(candidate: Deployment, other: Deployment): string {
  const heartbeat = candidate.heartbeatSeconds === other.heartbeatSeconds && { heartbeatSeconds: 1 };
  return deploymentName({ ...candidate, ...heartbeat, cpus: undefined });
}

/** A row's traffic and fault in words, or its baseline. Empty for a trickle. */
export function treatmentWords({
  deployment,
  traffic,
  fault,
  comparison,
}: {
  readonly deployment: Deployment;
  readonly traffic?: Pick<Traffic, 'name'> | undefined;
  readonly fault?: FaultName | undefined;
  readonly comparison?: Pick<Comparison, 'baseline' | 'load'> | undefined;
}): string {
  if (comparison) {
    const route = comparison.load.route === 'amqp' ? ' on the AMQP route' : '';
    return `compared with ${nameBeside(comparison.baseline, deployment)}${route}`;
  }
  if (fault) return traffic?.name === 'outage, call' ? `${fault}, call` : fault;
  return traffic === undefined || traffic.name === 'trickle' ? '' : traffic.name;
}

/** The title of a row: `event 1 × 25, idle: dropped`. */
export function titleOf(
  row: Parameters<typeof treatmentWords>[0] & Pick<Planned, 'layout' | 'expect'>,
): string {
  const what = [servedWords(row), treatmentWords(row)].filter((words) => words !== '').join(', ');
  return `${what}: ${expectationWords(row.expect)}`;
}
