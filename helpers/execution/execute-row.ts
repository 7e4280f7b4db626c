import type { Application } from '../applications/application.ts';
import { applicationOf, type Deployment } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { evidenceOf } from '../evidence/evidence-of.ts';
import type { FaultFacts } from '../evidence/fault-facts.ts';
import { faultFactsOf } from '../evidence/fault-facts-of.ts';
import type { Observation } from '../evidence/observation.ts';
import type { Lab } from '../lab/lab.ts';
import type { SlotKind } from '../lab/slots.ts';
import type { RowRecord } from '../record/record.ts';
import type { PlannedRow, TrafficRow } from '../rows/row.ts';
import { cellLimitMs } from '../rows/traffic.ts';
import { type Fault, faults } from '../traffic/faults.ts';
import { causes } from '../verdict/causes.ts';
import { judge } from '../verdict/judge.ts';
import { countLoggedBy, loggedByWords } from '../verdict/logged-by.ts';
import { inconclusive, type Verdict } from '../verdict/verdict.ts';
import { affects, findings, isBetterThanExpected, violations } from '../verdict/violations.ts';
import { compare } from './compare-throughput.ts';
import { injectFault, type SeenMeanwhile } from './inject-fault.ts';
import { whyNotExecuted } from './not-executed.ts';
import { type ObserveOptions, observe } from './observe.ts';
import { withinOwnTime } from './own-time.ts';
import type { TakeSlot } from './started-deployment.ts';

/** Options of an execution: what it reports, and planted faults. */
export interface ExecuteOptions extends Omit<ObserveOptions, 'takeSlot'> {
  /** A fault to inject instead of the row's: a planted fault. */
  readonly fault?: Fault;
  /** Receives the record and the observation of each execution. */
  readonly onJudged?: (record: RowRecord, seen: Observation) => Promise<void>;
}

/**
 * Executes a row, and judges it: under traffic beside others, with a load alone. A row under traffic that could not be
 * judged is executed once more, alone, unless the cause would come back. The findings of the first execution still count.
 */
export async function executeRow(
  lab: Lab,
  row: PlannedRow,
  options: ExecuteOptions = {},
): Promise<RowRecord> {
  const { emit = () => undefined, progress = () => undefined } = options;
  progress({ step: 'waits for its image' });
  await lab.buildImages([
    options.served ?? row.deployment,
    ...(row.comparison ? [row.comparison.baseline] : []),
  ]);
  const record = await (row.comparison ? executeOnce(lab, row, options) : inTwoTries(row));
  emit('verdict', record.verdict.kind);
  if (record.verdict.kind === 'inconclusive') emit('reason', record.verdict.reason);
  return record;

  async function inTwoTries(row: TrafficRow): Promise<RowRecord> {
    const first = await lab.slots.take(sharingOf(row.deployment), () => executeOnce(lab, row, options));
    const { verdict } = first;
    if (verdict.kind !== 'inconclusive' || !isWorthAnotherTry(first)) return first;
    emit('again', `inconclusive, so it is executed once more, alone: ${verdict.reason}`);
    progress({ step: 'waits until it is alone' });
    return lab.slots.take('alone', () => executeOnce(lab, row, options, first));
  }
}

/** A real service and its database keep the processors so busy that an image build beside them would make requests late. */
function sharingOf(deployment: Deployment): SlotKind {
  return applicationOf(deployment).on === 'openstack' ? 'rows only' : 'shared';
}

/**
 * Whether executing the row again can help: the cause affects what the row asserts, and might not occur again. Lost
 * requests count as such a cause only if the row asserts nothing about them.
 */
export function isWorthAnotherTry({
  verdict,
  expect,
  evidence,
}: Pick<RowRecord, 'verdict' | 'expect' | 'evidence'>): boolean {
  if (verdict.kind !== 'inconclusive' || !affects(expect, verdict.cause)) return false;
  const { cause } = verdict;
  // A drop contradicts a row that expects none, whatever the log of a silent process would have shown.
  const isDropped = evidence !== undefined && evidence.brokerDrops.length > 0;
  const isSilent = cause === 'logger not proven' || cause === 'heartbeat not confirmed';
  if (isSilent && isDropped && expect.verdict?.every((kind) => kind === 'clean')) return false;
  return causes[cause].again || (cause === 'requests lost' && expect.requests === 'any');
}

/**
 * Executes a row once, and judges it. The caller takes the slot of a row under traffic.
 *
 * @param first the record of an earlier execution. Its findings count in the new record as well.
 */
export async function executeOnce(
  lab: Lab,
  row: PlannedRow,
  options: ExecuteOptions = {},
  first?: RowRecord,
): Promise<RowRecord> {
  let seen: Observation | undefined;
  let outcome: Outcome;
  try {
    if (row.comparison) outcome = await compare(lab, row, options);
    else {
      const limitMs = cellLimitMs[lab.description.options.times];
      [outcome, seen] = await withinOwnTime(limitMs, lab.slots.take, (takeSlot) =>
        observed(lab, row, options, takeSlot),
      );
    }
  } catch (error) {
    outcome = { verdict: inconclusive(whyNotExecuted(error)) };
  }
  const { preconditions: _, allowedErrors: __, ...planned } = row;
  const found = first ? findings(first) : [];
  const record: RowRecord = {
    kind: 'row',
    ...planned,
    ...outcome,
    earlier: first ? [{ verdict: first.verdict, findings: found }] : [],
    violations: violations({ ...row, ...outcome }, found),
    ...(isBetterThanExpected({ ...row, ...outcome }, found) && { betterThanExpected: true }),
  };
  if (seen) await options.onJudged?.(record, seen);
  return record;
}

type Outcome = Pick<RowRecord, 'evidence' | 'faultFacts' | 'throughput'> & { readonly verdict: Verdict };

async function observed(
  lab: Lab,
  row: TrafficRow,
  options: ExecuteOptions,
  takeSlot: TakeSlot,
): Promise<[Outcome, Observation]> {
  const { emit = () => undefined } = options;
  const application = allowing(options.application ?? applicationOf(row.deployment), row);
  const fault = options.fault ?? (row.fault && faults[row.fault]);
  let meanwhile: SeenMeanwhile | undefined;
  const seen = await observe(lab, row, {
    ...options,
    emit,
    takeSlot,
    application,
    hasFault: fault !== undefined,
    ...(fault && {
      beside: async (started, at) => {
        const times = row.traffic.fault ?? { afterMs: 0, forMs: 0 };
        meanwhile = await injectFault(at, started, times, fault, emit);
      },
    }),
  });
  const evidence = evidenceOf(seen);
  const facts = meanwhile && faultFactsOf(seen, { ...meanwhile, processesAfter: seen.processesAfter ?? [] });
  emit('after', facts ? faultSentence(facts, evidence) : sentence(evidence));
  const { deployment, traffic } = row;
  const verdict = judge(
    {
      deployment,
      traffic,
      application,
      evidence,
      ...(row.fault && facts && { fault: { name: row.fault, facts } }),
    },
    row,
  );
  return [{ verdict, evidence, ...(facts && { faultFacts: facts }) }, seen];
}

/** The application, which also allows the errors of its row. */
function allowing(application: Application, { fault, allowedErrors }: TrafficRow): Application {
  const { unreachable } = application.signatures;
  // While the broker is away, requests log that it is unreachable although it dropped no connection.
  const whileAway =
    fault && fault !== 'graceful reload'
      ? [...(application.brokerAway ?? []), ...(unreachable ? [unreachable] : [])]
      : [];
  return {
    ...application,
    allowedErrors: [...(application.allowedErrors ?? []), ...whileAway, ...allowedErrors],
  };
}

function sentence({ heartbeatErrors, brokerDrops, requests }: Evidence): string {
  return `heartbeat errors in the log: ${heartbeatErrors.length}; connections the broker dropped: ${brokerDrops.length}${loggedByWords(countLoggedBy(brokerDrops))}; requests slowed by a reconnect: ${requests.slowedMs.length} of ${requests.sent}`;
}

function faultSentence({ routes, replacement }: FaultFacts, { requests, messages }: Evidence): string {
  const each = Object.entries(routes)
    .filter(([, { meanwhile }]) => meanwhile.sent > 0)
    .map(
      ([route, { meanwhile, againAfterMs }]) =>
        `${route}: ${meanwhile.answered} of ${meanwhile.sent} answered during the fault, again ${after(againAfterMs)}`,
    );
  const { left, connectionsLeft } = replacement ?? {};
  return [
    ...each,
    ...(left ? [`old processes left: ${left.length}, with ${connectionsLeft?.length} connections`] : []),
    `requests lost: ${requests.failed.length}, messages lost: ${messages.lost.length}`,
  ].join('; ');
}

function after(milliseconds: number | undefined): string {
  return milliseconds === undefined ? 'never' : `after ${(milliseconds / 1000).toFixed(1)} s`;
}
