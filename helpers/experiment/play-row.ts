import type { Application } from '../applications/application.ts';
import { applicationOf } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { evidenceOf } from '../evidence/evidence-of.ts';
import type { Observation } from '../evidence/observation.ts';
import type { Lab } from '../lab/lab.ts';
import { causes } from '../verdict/causes.ts';
import type { HeartbeatRecord } from '../verdict/cell-record.ts';
import { bearsOn, findings, slowRequests } from '../verdict/expectation.ts';
import { type HeartbeatVerdict, heartbeatVerdict } from '../verdict/heartbeat.ts';
import type { Row } from '../verdict/row.ts';
import { tellersWords } from '../verdict/tellers.ts';
import { type ObserveOptions, observe } from './observe.ts';
import { inTwoTries, whyNotPlayed } from './tries.ts';

export interface PlayOptions extends ObserveOptions {
  /** Given what was seen and what was concluded, once for each try. */
  readonly onJudged?: (record: HeartbeatRecord, seen: Observation) => Promise<void>;
}

/**
 * Plays a row and judges it: beside others at first; where nothing could be concluded, and another run may tell
 * more, once again, alone. What is played again was undecidable whatever the row expects.
 */
export function playRow(lab: Lab, row: Row, options: PlayOptions = {}): Promise<HeartbeatRecord> {
  const play = (first?: HeartbeatRecord) => playOnce(lab, row, options, first);
  return inTwoTries<HeartbeatRecord>(lab, play, isWorthAnotherTry, options);
}

/** What bears on nothing that the row asserts need not be known; and a loss comes back, unless it is a matter of luck. */
function isWorthAnotherTry({ verdict, expected }: HeartbeatRecord): boolean {
  if (verdict.kind !== 'inconclusive' || !bearsOn(expected, verdict.cause)) return false;
  const { cause } = verdict;
  return causes[cause].again || (cause === 'requests lost' && expected.requests === 'reported');
}

/**
 * Plays a row and judges it, whatever comes of it. The turn is the caller's to take.
 *
 * @param first the record of an earlier execution: what it found against the row counts in this one's as well.
 */
export async function playOnce(
  lab: Lab,
  { premise, declares = [], ...row }: Row,
  { tell = () => undefined, onJudged, ...options }: PlayOptions = {},
  first?: HeartbeatRecord,
): Promise<HeartbeatRecord> {
  const { application: given = applicationOf(row.deployment) } = options;
  const application = { ...given, expectedErrors: [...(given.expectedErrors ?? []), ...declares] };
  const found = first ? findings(first) : [];
  const common = {
    kind: 'heartbeat',
    ...row,
    earlier: first ? [first.verdict] : [],
    ...(found.length > 0 && { earlierFindings: found }),
  } as const;
  let seen: Observation;
  let record: HeartbeatRecord;
  try {
    seen = await observe(lab, row, { tell, takeTurn: lab.turns.take, ...options, application });
    const evidence = evidenceOf(seen);
    tell('after', sentence(evidence));
    record = { ...common, verdict: judged(row, premise, evidence, application), evidence };
  } catch (error) {
    return { ...common, verdict: { kind: 'inconclusive', ...whyNotPlayed(error) } };
  }
  await onJudged?.(record, seen);
  return record;
}

/** The verdict, unless the run was not what the row asks about: that is asked of every verdict, expected or not. */
function judged(
  { deployment, scenario, expected }: Omit<Row, 'premise' | 'declares'>,
  premise: Row['premise'],
  evidence: Evidence,
  application: Application,
): HeartbeatVerdict {
  const verdict = heartbeatVerdict(deployment, scenario, evidence);
  // A run that was not valid needs no further reason.
  if (verdict.kind === 'inconclusive' && causes[verdict.cause].of === 'run') return verdict;
  const missing = premise?.(evidence, application);
  if (missing !== undefined) return { kind: 'inconclusive', cause: 'premise missing', reason: missing };
  const slow = slowRequests(expected, evidence);
  return slow ? { kind: 'inconclusive', ...slow } : verdict;
}

function sentence({ heartbeatErrors, brokerDrops, requests }: Evidence): string {
  return `heartbeat errors in the log: ${heartbeatErrors.length}; connections the broker dropped: ${brokerDrops.length}${tellersWords(brokerDrops)}; requests slowed by a reconnect: ${requests.slowedMs.length} of ${requests.sent}`;
}
