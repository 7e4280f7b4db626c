import type { Application } from '../applications/application.ts';
import { applicationOf } from '../deployment/deployment.ts';
import type { DisturbanceFacts } from '../evidence/disturbance-facts.ts';
import { disturbanceFactsOf } from '../evidence/disturbance-facts-of.ts';
import { evidenceOf } from '../evidence/evidence-of.ts';
import type { Observation } from '../evidence/observation.ts';
import type { Lab } from '../lab/lab.ts';
import { type Disturbance, disturbances } from '../traffic/disturbances.ts';
import { causes } from '../verdict/causes.ts';
import type { DisturbanceRecord } from '../verdict/cell-record.ts';
import { disturbanceVerdict } from '../verdict/disturbance.ts';
import { disturbanceFindings } from '../verdict/disturbance-expectation.ts';
import type { DisturbedRow } from '../verdict/disturbance-row.ts';
import { disturb, type SeenMeanwhile } from './disturb.ts';
import { type ObserveOptions, observe } from './observe.ts';
import { inTwoTries, whyNotPlayed } from './tries.ts';

export interface PlayDisturbanceOptions
  extends Pick<ObserveOptions, 'tell' | 'progress' | 'takeTurn' | 'served' | 'prepare'> {
  /** What is really done, where it is not what the row says: a fault that is planted on purpose. */
  readonly done?: Disturbance;
  /** Given what was seen and what was concluded, once for each try. */
  readonly onJudged?: (record: DisturbanceRecord, seen: Observation) => Promise<void>;
}

/** Plays a row in the middle of whose traffic something is disturbed, and judges it; once again, alone, where nothing could be concluded. */
export function playDisturbance(
  lab: Lab,
  row: DisturbedRow,
  options: PlayDisturbanceOptions = {},
): Promise<DisturbanceRecord> {
  return inTwoTries<DisturbanceRecord>(
    lab,
    (first) => disturbOnce(lab, row, options, first),
    ({ verdict }) => verdict.kind === 'inconclusive' && causes[verdict.cause].again,
    options,
  );
}

/**
 * Plays a row and judges it, whatever comes of it. The turn is the caller's to take.
 *
 * @param first the record of an earlier execution: what it found against the row counts in this one's as well.
 */
export async function disturbOnce(
  lab: Lab,
  { declares, ...row }: DisturbedRow,
  {
    tell = () => undefined,
    done = disturbances[row.disturbance],
    onJudged,
    ...options
  }: PlayDisturbanceOptions = {},
  first?: DisturbanceRecord,
): Promise<DisturbanceRecord> {
  const given = applicationOf(row.deployment);
  const { unreachable } = given.signatures;
  const application: Application = {
    ...given,
    // A request that met the broker while it was away says so without a drop.
    expectedErrors: [
      ...(given.expectedErrors ?? []),
      ...(given.brokerAway ?? []),
      ...(unreachable ? [unreachable] : []),
      ...declares,
    ],
  };
  const found = first ? disturbanceFindings(first) : [];
  const common = {
    kind: 'disturbance',
    ...row,
    earlier: first ? [first.verdict] : [],
    ...(found.length > 0 && { earlierFindings: found }),
  } as const;
  let seen: Observation;
  let record: DisturbanceRecord;
  try {
    let meanwhile: SeenMeanwhile | undefined;
    seen = await observe(lab, row, {
      takeTurn: lab.turns.take,
      ...options,
      tell,
      application,
      apart: true,
      connectFirst: true,
      proof: false,
      beside: async (warm, at) => {
        meanwhile = await disturb(at, warm, row.scenario, done, tell);
      },
    });
    // The window has not ended before it was there.
    const facts = disturbanceFactsOf(seen, {
      ...(meanwhile as SeenMeanwhile),
      processesAfter: seen.processesAfter ?? [],
    });
    const evidence = evidenceOf(seen);
    tell('after', sentence(facts, evidence.requests.failed.length, evidence.messages.lost.length));
    record = { ...common, verdict: disturbanceVerdict(row, evidence, facts), evidence, facts };
  } catch (error) {
    return { ...common, verdict: { kind: 'inconclusive', ...whyNotPlayed(error) } };
  }
  await onJudged?.(record, seen);
  return record;
}

function sentence(
  { routes, replacement }: DisturbanceFacts,
  requestsLost: number,
  messagesLost: number,
): string {
  const meanwhile = Object.entries(routes).flatMap(
    ([
      route,
      {
        meanwhile: { sent, answered },
        againAfterMs,
      },
    ]) =>
      sent === 0 ? [] : [`${route}: ${answered} of ${sent} answered meanwhile, again ${after(againAfterMs)}`],
  );
  const left = replacement && [
    `old processes left: ${replacement.left.length}, connections of theirs: ${replacement.connectionsLeft.length}`,
  ];
  return [
    ...meanwhile,
    ...(left ?? []),
    `requests lost: ${requestsLost}, messages lost: ${messagesLost}`,
  ].join('; ');
}

function after(milliseconds: number | undefined): string {
  return milliseconds === undefined ? 'never' : `after ${(milliseconds / 1000).toFixed(1)} s`;
}
