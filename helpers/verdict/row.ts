import { z } from 'zod';
import type { Application } from '../applications/application.ts';
import type { Frozen } from '../config/frozen.ts';
import { routes, type Scenario, type ScenarioName, type Times } from '../config/scenario.ts';
import {
  applicationOf,
  type Deployment,
  type DeploymentRow,
  deployment,
  deploymentName,
  type LookUp,
  refuseMissingRoutes,
} from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type HeartbeatKind, heartbeatKinds } from './heartbeat.ts';

/**
 * What must become of the requests of a row.
 * - `all answered`: each with a status of 2xx.
 * - `some lost`: one at least is never answered, or in vain.
 * - `reported`: either; it is a matter of luck, and the figure is shown.
 */
export const requestExpectations = ['all answered', 'some lost', 'reported'] as const;
export type RequestExpectation = (typeof requestExpectations)[number];

/** How many requests must pay for a lost connection, by waiting for a reconnect; `reported`: it is a matter of luck. */
export const slowedExpectations = ['none', 'some', 'reported'] as const;
export type SlowedExpectation = (typeof slowedExpectations)[number];

const bounds = z.strictObject({ atLeast: z.number().optional(), below: z.number().optional() });
type Bounds = Frozen<z.infer<typeof bounds>>;

const share = z.number().min(0).max(1);
const least = z.strictObject({
  drops: z.int().min(1).optional().describe('connections that the broker drops'),
  loggedByHeartbeat: share.optional().describe('share of the drops that the heartbeat logs first'),
  slowed: share.optional().describe('share of the requests that a reconnect slows'),
});

export const expectationSchema = z
  .strictObject({
    verdict: z
      .array(z.enum(heartbeatKinds))
      .min(1)
      .optional()
      .describe(
        'one of several where the rest is luck; missing: it is reported, and nothing is asserted of it',
      ),
    requests: z.enum(requestExpectations),
    slowed: z.enum(slowedExpectations).describe('by a reconnect'),
    least: least
      .optional()
      .describe('figures below which the verdict, or that some requests are slowed, rests on too little'),
    otherwiseBelowMs: z
      .number()
      .optional()
      .describe(
        'where no request may be slowed by a reconnect: what each takes at most, milliseconds; 1000 where it is missing. A slower one might have met a dead connection without logging it',
      ),
    answersMs: z
      .partialRecord(z.enum(routes), bounds)
      .optional()
      .describe('milliseconds that the median answer on a route takes'),
  })
  .meta({ id: 'expectation' });
/** What is asserted of a row. */
export type Expectation = Frozen<z.infer<typeof expectationSchema>>;

/** What a run must have been like to say anything of a row, whatever its verdict: else the reason why it was not. */
export type Premise = (evidence: Evidence, application: Application) => string | undefined;

/** What one writes down of a row of the truth table: a deployment's record, its traffic, and what is expected of them. */
export type TableRow = DeploymentRow & {
  /** `trickle` where it is not said. */
  readonly scenario?: ScenarioName;
  /** Not said: the verdict is a matter of luck, and is reported. */
  readonly expected?: HeartbeatKind | readonly HeartbeatKind[];
  /** `all answered` where it is not said. */
  readonly requests?: RequestExpectation;
  /** Where it is not said: `none` for a row that must be clean, else `reported`. */
  readonly slowed?: SlowedExpectation;
  /** In place of {@link leastOf}. */
  readonly least?: Expectation['least'];
  /** Where no request may be slowed: what each takes at most for other reasons, milliseconds; 1000 where it is not said. */
  readonly otherwiseBelowMs?: number;
  /** What the median answer on a route takes, milliseconds; not said: it is reported. */
  readonly answersMs?: Expectation['answersMs'];
  /** The tools, with their series, that deploy a service so; `source` says where. */
  readonly layout?: string;
  /** In one sentence. */
  readonly why: string;
  /** What says so, where it is not this suite's own measurement. */
  readonly source?: string;
  readonly premise?: Premise;
  /** Errors that this row expects in the logs. */
  readonly declares?: readonly RegExp[];
};

/** How eventlet's log ends where a greenlet of one native thread gave a lock to one of another. */
export const crossThread = /cannot switch to a different thread/;

/** Rows that are played side by side. */
export interface TablePart {
  readonly title: string;
  readonly rows: readonly TableRow[];
}

/** A row as it is played: {@link TableRow} with all that it leaves unsaid. */
export interface Row extends Pick<TableRow, 'premise' | 'declares'> {
  readonly deployment: Deployment;
  readonly scenario: Scenario;
  readonly expected: Expectation;
  readonly layout?: string | undefined;
  readonly why: string;
  readonly source?: string | undefined;
}

/**
 * @param lookUp see {@link deployment}.
 * @throws DeploymentError with one line, before anything is started, for a row that makes no sense; RefusedError where
 *   the application cannot be served so, or has no such route.
 */
export function rowOf(row: TableRow, { heartbeatSeconds, scenarios }: Times, lookUp?: LookUp): Row {
  const {
    layout,
    scenario: name,
    expected,
    requests,
    slowed,
    least,
    otherwiseBelowMs,
    answersMs,
    ...rest
  } = row;
  const { why, source, premise, declares, ...record } = rest;
  const it = deployment({ heartbeatSeconds, ...record }, lookUp);
  const scenario = scenarios[name ?? 'trickle'];
  refuseMissingRoutes(it, scenario);
  const played = { deployment: it, scenario, ...(layout !== undefined && { layout }) };
  const application = applicationOf(it);
  if (application.expected !== undefined) {
    const whole = { verdict: [application.expected], requests: 'all answered', slowed: 'none' } as const;
    return { ...played, ...told(whole, `the record of ${application.name} says so`, application) };
  }
  const usual = leastOf(it, expected, slowed);
  const whole: Expectation = {
    verdict: typeof expected === 'string' ? [expected] : expected,
    requests: requests ?? 'all answered',
    slowed: slowed ?? (expected === 'clean' ? 'none' : 'reported'),
    ...((usual ?? least) && { least: { ...usual, ...least } }),
    ...(otherwiseBelowMs !== undefined && { otherwiseBelowMs }),
    ...(answersMs && { answersMs }),
  };
  return {
    ...played,
    ...told(whole, why, application),
    ...(source !== undefined && { source }),
    ...(premise && { premise }),
    ...(declares && { declares }),
  };
}

/**
 * What a row must show at least where it does not say so itself: one event in a run of many is no verdict. In recorded
 * tables (docs/results.md) each process of a `reproduced` row loses a connection, the heartbeat logs 62 to 100 % of the
 * drops first (the last drop of a process has no request after it that could wake the heartbeat), and where some
 * requests must be slowed, 12 % are and more. Half of that and less leaves room for luck, and none for a single event.
 */
function leastOf(
  { processes }: Deployment,
  expected: TableRow['expected'],
  slowed: TableRow['slowed'],
): Expectation['least'] {
  if (expected !== 'reproduced' && slowed !== 'some') return undefined;
  return {
    ...(expected === 'reproduced' && { drops: processes, loggedByHeartbeat: 0.5 }),
    ...(slowed === 'some' && { slowed: 0.05 }),
  };
}

/** An expectation as far as the application's log can tell, and why; also what it cannot. */
function told(
  expected: Expectation,
  why: string,
  { name, signatures: { heartbeatErrors, unreachable } }: Application,
): Pick<Row, 'expected' | 'why'> {
  const {
    verdict,
    slowed,
    least: { loggedByHeartbeat, slowed: leastSlowed, ...least } = {},
    ...rest
  } = expected;
  const isMute = heartbeatErrors.length === 0 && verdict?.includes('reproduced');
  const isPriceless = unreachable === undefined && slowed !== 'reported';
  const dropped = verdict?.map((it) => (it === 'reproduced' ? 'dropped' : it));
  return {
    expected: {
      ...rest,
      verdict: isMute ? [...new Set(dropped)] : verdict,
      slowed: isPriceless ? 'reported' : slowed,
      ...(expected.least && {
        least: {
          ...least,
          ...(loggedByHeartbeat !== undefined && !isMute && { loggedByHeartbeat }),
          ...(leastSlowed !== undefined && !isPriceless && { slowed: leastSlowed }),
        },
      }),
    },
    why: [
      why,
      ...(isMute ? [`${name} logs no heartbeat error that could tell of a drop`] : []),
      ...(isPriceless
        ? [`nothing is asserted of the price, since ${name} logs no reconnect of a request`]
        : []),
    ].join('; '),
  };
}

/** Whether a row asserts anything at all; one that does not is played, and its figures are reported. */
export function assertsAnything({ verdict, requests, slowed, answersMs }: Expectation): boolean {
  return verdict !== undefined || requests !== 'reported' || slowed !== 'reported' || answersMs !== undefined;
}

/** What is asserted of a row, in a few words: `reproduced`; `some requests lost`; `reported`. */
export function expectationWords({ verdict, requests, slowed, answersMs = {} }: Expectation): string {
  if (verdict) return verdict.join(' or ');
  const rest = [
    requests === 'all answered' && 'all requests answered',
    requests === 'some lost' && 'some requests lost',
    slowed === 'some' && 'some requests slowed',
    slowed === 'none' && 'no request slowed',
    ...Object.entries(answersMs).map(([route, bounds]) => `a ${route} takes ${boundsWords(bounds)}`),
  ].filter(Boolean);
  return rest.join(', ') || 'reported';
}

/** `500 ms or more`, `less than 200 ms`. */
export function boundsWords({ atLeast, below }: Bounds): string {
  return [atLeast !== undefined && `${atLeast} ms or more`, below !== undefined && `less than ${below} ms`]
    .filter(Boolean)
    .join(' and ');
}

/** How people speak of what a row serves: its deployment, behind the tools that make it, where it is a layout. */
export function servedName({ layout, deployment }: Pick<Row, 'layout' | 'deployment'>): string {
  return layout === undefined ? deploymentName(deployment) : `${layout}: ${deploymentName(deployment)}`;
}

/** How a row's test is called: `event 1 × 25, idle: dropped`. */
export function rowTitle(row: Pick<Row, 'layout' | 'deployment' | 'scenario' | 'expected'>): string {
  const traffic = row.scenario.name === 'trickle' ? '' : `, ${row.scenario.name}`;
  return `${servedName(row)}${traffic}: ${expectationWords(row.expected)}`;
}
