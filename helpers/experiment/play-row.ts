import type { Application } from '../applications/application.ts';
import { PartError } from '../config/parts.ts';
import { applicationOf } from '../deployment/deployment.ts';
import { EngineError } from '../engine/engine.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { evidenceOf } from '../evidence/evidence-of.ts';
import type { Observation } from '../evidence/observation.ts';
import { UnreadableError } from '../evidence/unreadable.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import { causes } from '../verdict/causes.ts';
import type { HeartbeatRecord } from '../verdict/cell-record.ts';
import { bearsOn } from '../verdict/expectation.ts';
import { type HeartbeatVerdict, heartbeatVerdict } from '../verdict/heartbeat.ts';
import type { Row } from '../verdict/row.ts';
import { tellersWords } from '../verdict/tellers.ts';
import { type ObserveOptions, observe } from './observe.ts';

export interface PlayOptions extends ObserveOptions {
  /** Given what was seen and what was concluded, once for each try. */
  readonly onJudged?: (record: HeartbeatRecord, seen: Observation) => Promise<void>;
}

/**
 * Plays a row and judges it: beside others at first; where nothing could be concluded, and another run may tell
 * more, once again, alone. What is played again was undecidable whatever the row expects.
 */
export async function playRow(lab: Lab, row: Row, options: PlayOptions = {}): Promise<HeartbeatRecord> {
  const { tell = () => undefined, progress = () => undefined } = options;
  const first = await lab.turns.take('beside others', () => playOnce(lab, row, options));
  const record = isWorthAnotherTry(first) ? await again(first) : first;
  tell('verdict', record.verdict.kind);
  if (record.verdict.kind === 'inconclusive') tell('reason', record.verdict.reason);
  return record;

  function again({ verdict }: HeartbeatRecord): Promise<HeartbeatRecord> {
    if (verdict.kind === 'inconclusive')
      tell('again', `inconclusive, so once more, alone: ${verdict.reason}`);
    progress({ step: 'waits until it is alone' });
    return lab.turns.take('alone', () => playOnce(lab, row, options, [verdict]));
  }
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
    if (!isFromOutside(error)) throw error;
    const cause = error instanceof PartError ? 'part unusable' : 'not played';
    const reason = `the row could not be played: ${error.message}`;
    return { kind: 'heartbeat', ...row, earlier, verdict: { kind: 'inconclusive', cause, reason } };
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

/**
 * Whether it was a real part that failed: it did not start or answer, the engine or the system refused something,
 * or what an instrument says is not understood. Any other error is the suite's own and ends the test.
 */
function isFromOutside(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ([LabError, EngineError, UnreadableError, PartError].some((kind) => error instanceof kind)) return true;
  const { code, statusCode, syscall } = error as NodeJS.ErrnoException & { statusCode?: number };
  // The engine's API answers with a status, amqplib with AMQP's reply code, the system with a call that failed.
  return statusCode !== undefined || typeof code === 'number' || syscall !== undefined;
}

function sentence({ heartbeatErrors, brokerDrops, requests }: Evidence): string {
  return `heartbeat errors in the log: ${heartbeatErrors.length}; connections the broker dropped: ${brokerDrops.length}${tellersWords(brokerDrops)}; requests slowed by a reconnect: ${requests.slowedMs.length} of ${requests.sent}`;
}
