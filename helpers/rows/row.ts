import type { Application } from '../applications/application.ts';
import { OneLineError } from '../config/one-line.ts';
import type { Options } from '../config/options.ts';
import {
  applicationOf,
  type Deployment,
  type DeploymentRow,
  deployment,
  deploymentName,
  type LookUp,
  RefusedError,
} from '../deployment/deployment.ts';
import { type Expect, type Expectation, expectationWords } from './expectation.ts';
import type { FaultName } from './fault.ts';
import { articleTls, type Load } from './load.ts';
import type { PreconditionName } from './precondition.ts';
import { defaultTerms, type ThroughputTerms } from './throughput-terms.ts';
import type { Times, Traffic, TrafficName } from './traffic.ts';

/** What one writes down: a deployment, what it is sent, what is expected of it, and why. */
export interface Row {
  /** Short, stable and unique: `article/prefork-8`. Everything refers to the row by it. */
  readonly id: string;
  readonly deployment: DeploymentRow;
  /** The tools, with their series, that deploy a service so; `source` says where. */
  readonly layout?: string | undefined;
  /** `trickle`, or what goes with the fault, where it is not said. */
  readonly traffic?: TrafficName;
  /** What is broken in the middle of the traffic. */
  readonly fault?: FaultName;
  /** In place of traffic: the deployment is loaded beside another one, and its throughput is compared. */
  readonly load?: LoadRow;
  readonly expect: Expect;
  /** In one sentence. */
  readonly why: string;
  /** What says so, where it is not this suite's own measurement. */
  readonly source?: string;
  readonly preconditions?: readonly PreconditionName[];
  /** Log lines that this row expects, besides those of its server and its application. */
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

export interface LoadRow {
  readonly baseline: DeploymentRow;
  /** The quota of each server, in CPUs' worth of time. */
  readonly cpus: number;
  readonly route: Load['route'];
}

/** Rows that belong together, in the order in which they are shown. */
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

/** A row under traffic with all that it leaves unsaid. */
export interface TrafficRow extends Planned {
  readonly traffic: Traffic;
  readonly fault?: FaultName | undefined;
  readonly comparison?: undefined;
}

/** Two deployments under the same load: does the candidate answer as many requests as the baseline? */
export interface Comparison {
  readonly baseline: Deployment;
  readonly load: Load;
  readonly terms: ThroughputTerms;
}

/** A row whose deployment is compared with another one under load, with all that it leaves unsaid. */
export interface ThroughputRow extends Planned {
  readonly comparison: Comparison;
  readonly traffic?: undefined;
  readonly fault?: undefined;
}

/** What is executed. */
export type PlannedRow = TrafficRow | ThroughputRow;

/** What the options of a run decide about every row. */
export interface Settings
  extends Pick<Options, 'requests' | 'concurrency' | 'tolerance' | 'confidence' | 'blocks'> {
  readonly times: Times;
}

/** A row that makes no sense; the message is the one line to show. */
export class RowError extends OneLineError {
  override readonly name = 'RowError';
}

const ID = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)+$/;

/**
 * @returns the groups as they are given.
 * @throws RowError with one line for an id of another form, or one that two rows have.
 */
export function checked<Groups extends readonly RowGroup[]>(groups: Groups): Groups {
  const ids = groups.flatMap(({ rows }) => rows.map(({ id }) => id));
  for (const [index, id] of ids.entries()) {
    if (!ID.test(id)) {
      throw new RowError(`row ${id}: an id is words of a-z, 0-9, . and -, with / between them`);
    }
    if (ids.indexOf(id) !== index) throw new RowError(`row ${id}: two rows have this id`);
    const longer = ids.find((other) => other !== id && other.endsWith(id));
    if (longer) throw new RowError(`row ${id}: -t would choose ${longer} as well, whose id ends with it`);
  }
  return groups;
}

/** The row itself, or so many copies of it, each under an id of its own: `article/prefork-8/1`. */
export function repeated(row: Row, times: number): Row[] {
  if (times === 1) return [row];
  return Array.from({ length: times }, (_, index) => ({
    ...row,
    id: `${row.id}/${index + 1}`,
    repetition: { of: row.id, number: index + 1 },
  }));
}

/** The id of a row's second execution, in a run that executes each row without its parts first, and then with them. */
export function idWithParts(id: Row['id']): Row['id'] {
  return `${id}/with-parts`;
}

const trafficOfFault: Readonly<Record<FaultName, TrafficName>> = {
  'broker down': 'outage',
  'network silent': 'outage',
  'graceful reload': 'reload',
};

/**
 * @param lookUp see {@link deployment}.
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense; RefusedError if
 *   the application cannot be served so, or has no such route.
 */
export function planRow(row: Row, settings: Settings, lookUp?: LookUp): PlannedRow {
  return row.load ? throughputRow(row, row.load, settings, lookUp) : trafficRow(row, settings, lookUp);
}

/** @throws see {@link planRow}; RowError for a row with a load. */
export function trafficRow(row: Row, { times }: Pick<Settings, 'times'>, lookUp?: LookUp): TrafficRow {
  const { fault, load } = row;
  if (load) throw new RowError(`row ${row.id}: it has a load, and no traffic`);
  const it = deployment({ heartbeatSeconds: times.heartbeatSeconds, ...row.deployment }, lookUp);
  const traffic = times.traffic[row.traffic ?? (fault ? trafficOfFault[fault] : 'trickle')];
  refuseMissingRoutes(it, traffic);
  const { expected, name } = applicationOf(it);
  const asRecorded: Row =
    fault === undefined && expected !== undefined
      ? {
          id: row.id,
          deployment: row.deployment,
          ...(row.layout !== undefined && { layout: row.layout }),
          ...(row.repetition && { repetition: row.repetition }),
          expect: { verdict: expected, slowed: 'none' },
          why: `the record of ${name} says so`,
        }
      : row;
  return { ...planned(asRecorded, it), traffic, ...(fault !== undefined && { fault }) };
}

/** Nova's own, seconds: no connection is dropped while throughput is measured. */
const NO_DROP_SECONDS = 60;

function throughputRow(
  row: Row,
  { baseline, cpus, route }: LoadRow,
  settings: Settings,
  lookUp?: LookUp,
): ThroughputRow {
  const { requests, concurrency, tolerance, confidence, blocks } = settings;
  const [candidate, other] = [row.deployment, baseline].map((it) => {
    const made = deployment({ heartbeatSeconds: NO_DROP_SECONDS, ...it, cpus }, lookUp);
    const { name, routes } = applicationOf(made);
    const { method } = routes[route] ?? { method: 'no such' };
    if (method) throw new RefusedError(made, route, `ab sends GET, and ${name} has ${method} route`);
    return made;
  }) as [Deployment, Deployment];
  const load = { route, requests, concurrency, tls: articleTls };
  const terms = { ...defaultTerms, tolerance, confidence, mostBlocks: blocks };
  return { ...planned(row, candidate), comparison: { baseline: other, load, terms } };
}

function planned(row: Row, it: Deployment): Planned {
  const { id, layout, source, repetition, preconditions = [], allowedErrors = [] } = row;
  return {
    id,
    ...(repetition && { repetition }),
    deployment: it,
    ...(layout !== undefined && { layout }),
    ...asLogged(complete(row, it), row.why, applicationOf(it)),
    ...(source !== undefined && { source }),
    preconditions,
    allowedErrors,
  };
}

/** @throws RefusedError if the application has no route that the traffic asks for. */
function refuseMissingRoutes(it: Deployment, { name, phases }: Traffic): void {
  const application = applicationOf(it);
  const asked = phases.flatMap(({ route, everyFourth = route }) => [route, everyFourth]);
  const missing = asked.find((route) => route !== 'yield' && !application.routes[route]);
  if (missing) throw new RefusedError(it, name, `${application.name} has no ${missing} route`);
}

function complete({ expect, load }: Pick<Row, 'expect' | 'load'>, it: Deployment): Expectation {
  const { verdict, least, ...rest } = expect;
  const kinds = typeof verdict === 'string' ? [verdict] : verdict;
  const isOnly = (kind: string) => kinds?.length === 1 && kinds[0] === kind;
  const figures = {
    // One event in a run of many is no verdict. In recorded tables (docs/results.md) every process of a `reproduced`
    // row loses a connection, the heartbeat logs 62 to 100 % of the drops first (the last drop of a process has no
    // request after it that could wake the heartbeat), and where some requests must be slowed, 12 % and more are.
    ...(isOnly('reproduced') && { drops: it.processes, loggedByHeartbeat: 0.5 }),
    ...(rest.slowed === 'some' && { slowed: 0.05 }),
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

/** An expectation as far as the application's log can show it, and why; also what it cannot show. */
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
  const dropped = verdict?.map((it) => (it === 'reproduced' ? 'dropped' : it));
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
        ? [`${name} logs no reconnect of a request, so nothing is asserted of slowed requests`]
        : []),
    ].join('; '),
  };
}

/** What a row serves, in words: its deployment, after the tools that make it where it is a layout. */
export function servedWords({ layout, deployment }: Pick<Planned, 'layout' | 'deployment'>): string {
  return layout === undefined ? deploymentName(deployment) : `${layout}: ${deploymentName(deployment)}`;
}

/** What is done to it, in words: its traffic and its fault, or what it is compared with. A trickle needs no words. */
export function treatmentWords({
  traffic,
  fault,
  comparison,
}: {
  readonly traffic?: Pick<Traffic, 'name'> | undefined;
  readonly fault?: FaultName | undefined;
  readonly comparison?: Pick<Comparison, 'baseline' | 'load'> | undefined;
}): string {
  if (comparison) {
    const route = comparison.load.route === 'amqp' ? ' on the AMQP route' : '';
    return `compared with ${deploymentName(comparison.baseline)}${route}`;
  }
  if (fault) return traffic?.name === 'outage, call' ? `${fault}, call` : fault;
  return traffic === undefined || traffic.name === 'trickle' ? '' : traffic.name;
}

/** How people speak of a row: `event 1 × 25, idle: dropped`. */
export function titleOf(
  row: Parameters<typeof treatmentWords>[0] & Pick<Planned, 'layout' | 'deployment' | 'expect'>,
): string {
  const what = [servedWords(row), treatmentWords(row)].filter((it) => it !== '').join(', ');
  return `${what}: ${expectationWords(row.expect)}`;
}
