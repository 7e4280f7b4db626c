import type { Application } from '../applications/application.ts';
import { applicationOf } from '../deployment/deployment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { evidenceOf } from '../evidence/evidence-of.ts';
import type { Observation } from '../evidence/observation.ts';
import type { Lab } from '../lab/lab.ts';
import { causes } from '../verdict/causes.ts';
import type { HeartbeatRecord } from '../verdict/cell-record.ts';
import { bearsOn } from '../verdict/expectation.ts';
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
  const play = (earlier: readonly HeartbeatVerdict[]) => playOnce(lab, row, options, earlier);
  return inTwoTries<HeartbeatRecord>(lab, play, isWorthAnotherTry, options);
}

/** What bears on nothing that the row asserts need not be known; and a loss comes back, unless it is a matter of luck. */
function isWorthAnotherTry({ verdict, expected }: HeartbeatRecord): boolean {
  if (verdict.kind !== 'inconclusive' || !bearsOn(expected, verdict.cause)) return false;
  return causes[verdict.cause].again || expected.requests === 'reported';
}

/** Plays a row and judges it, whatever comes of it. The turn is the caller's to take. */
export async function playOnce(
  lab: Lab,
  { premise, declares = [], ...row }: Row,
  { tell = () => undefined, onJudged, ...options }: PlayOptions = {},
  earlier: readonly HeartbeatVerdict[] = [],
): Promise<HeartbeatRecord> {
  const { application: given = applicationOf(row.deployment) } = options;
  const application = { ...given, expectedErrors: [...(given.expectedErrors ?? []), ...declares] };
  try {
    const seen = await observe(lab, row, { tell, takeTurn: lab.turns.take, ...options, application });
    const evidence = evidenceOf(seen);
    tell('after', sentence(evidence));
    const record: HeartbeatRecord = {
      kind: 'heartbeat',
      ...row,
      earlier,
      verdict: judged(row, premise, evidence, application),
      evidence,
    };
    await onJudged?.(record, seen);
    return record;
  } catch (error) {
    return { kind: 'heartbeat', ...row, earlier, verdict: { kind: 'inconclusive', ...whyNotPlayed(error) } };
  }
}

/** The verdict, unless the run was not what the row asks about: that is asked of every verdict, expected or not. */
function judged(
  { deployment, scenario }: Omit<Row, 'premise' | 'declares'>,
  premise: Row['premise'],
  evidence: Evidence,
  application: Application,
): HeartbeatVerdict {
  const verdict = heartbeatVerdict(deployment, scenario, evidence);
  // A run that was not valid needs no further reason.
  if (verdict.kind === 'inconclusive' && causes[verdict.cause].of === 'run') return verdict;
  const missing = premise?.(evidence, application);
  return missing === undefined
    ? verdict
    : { kind: 'inconclusive', cause: 'premise missing', reason: missing };
}

function sentence({ heartbeatErrors, brokerDrops, requests }: Evidence): string {
  return `heartbeat errors in the log: ${heartbeatErrors.length}; connections the broker dropped: ${brokerDrops.length}${tellersWords(brokerDrops)}; requests slowed by a reconnect: ${requests.slowedMs.length} of ${requests.sent}`;
}
